"""Settings are checked before the platform starts."""

from __future__ import annotations

import os
import stat

import pytest

from commissioning import config, paths
from commissioning.config import ConfigurationError, PasswordHashing, Settings, read_settings

STRONG_KEY = "q8ZrT2vLx0WmYb7NcKd4HsJf6GpAe1Ru"
POSTGRES = "postgresql://someone:word@db.internal/commissioning"


def read(tmp_path, **environment):
    return read_settings(environment, default_data_folder=tmp_path / "var")


def test_empty_environment_starts_embedded_in_the_default_folder(tmp_path):
    settings = read(tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path}/var/commissioning.sqlite3"
    assert settings.data_folder == tmp_path / "var"
    assert settings.is_embedded
    assert not settings.is_demo
    assert not settings.is_testing
    assert settings.password_hashing is PasswordHashing.STANDARD


def test_generated_key_is_kept_and_private(tmp_path):
    first = read(tmp_path)
    again = read(tmp_path)

    assert first.secret_key == again.secret_key
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret.key"]


def test_key_file_that_others_may_read_stops_the_start(tmp_path):
    read(tmp_path)
    (tmp_path / "var" / "secret.key").chmod(0o644)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        read(tmp_path)


def test_secrets_are_not_in_the_printed_settings(tmp_path):
    settings = read(tmp_path, DATABASE_URL=POSTGRES, SECRET_KEY=STRONG_KEY)

    assert STRONG_KEY not in repr(settings)
    assert "someone" not in repr(settings)


def test_named_data_folder_wins_over_the_default(tmp_path):
    settings = read(tmp_path, COMMISSIONING_DATA=str(tmp_path / "elsewhere"))

    assert settings.data_folder == tmp_path / "elsewhere"
    assert not (tmp_path / "var").exists()


def test_installed_wheel_without_a_data_folder_is_told_to_name_one():
    with pytest.raises(ConfigurationError, match="COMMISSIONING_DATA"):
        read_settings({}, default_data_folder=None)


def test_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(ConfigurationError, match=r"file/data cannot be made"):
        read(tmp_path, COMMISSIONING_DATA=str(tmp_path / "file" / "data"))


def test_postgresql_without_a_key_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="SECRET_KEY is not set"):
        read(tmp_path, DATABASE_URL=POSTGRES)


@pytest.mark.parametrize(
    "key", ["short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc", f"secret-{STRONG_KEY}"]
)
def test_weak_key_is_refused(tmp_path, key):
    with pytest.raises(ConfigurationError, match="SECRET_KEY is weak"):
        read(tmp_path, DATABASE_URL=POSTGRES, SECRET_KEY=key)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_urls_are_read_with_the_driver_that_is_installed(tmp_path, scheme):
    settings = read(
        tmp_path, DATABASE_URL=f"{scheme}://db.internal/commissioning", SECRET_KEY=STRONG_KEY
    )

    assert settings.database_url == "postgresql+psycopg://db.internal/commissioning"
    assert not settings.is_embedded


@pytest.mark.parametrize("url", ["mysql://db/x", "sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_database_that_cannot_serve_is_refused(tmp_path, url):
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        read(tmp_path, DATABASE_URL=url, SECRET_KEY=STRONG_KEY)


def test_cheap_hashing_is_refused_where_people_are_real(tmp_path):
    with pytest.raises(ConfigurationError, match="Cheap password hashing"):
        read(tmp_path, COMMISSIONING_PASSWORD_HASHING="cheap")


def test_cheap_hashing_is_taken_in_a_demonstration(tmp_path):
    settings = read(tmp_path, COMMISSIONING_PASSWORD_HASHING="cheap", COMMISSIONING_DEMO="1")

    assert settings.is_demo
    assert settings.password_hashing is PasswordHashing.CHEAP


def test_testing_cannot_be_asked_for_from_the_environment(tmp_path):
    assert not read(tmp_path, COMMISSIONING_TESTING="1", TESTING="1").is_testing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMISSIONING_PASSWORD_HASHING", "none"),
        ("COMMISSIONING_DEMO", "perhaps"),
        ("COMMISSIONING_MAX_DOCUMENT_BYTES", "50MB"),
        ("COMMISSIONING_MAX_DOCUMENT_BYTES", "0"),
        ("COMMISSIONING_MAX_DOCUMENT_BYTES", str(config.DEFAULT_MAX_REQUEST_BYTES)),
        ("COMMISSIONING_BASE_URL", "tenders.example"),
        ("COMMISSIONING_BASE_URL", "https://tenders.example/?next=x"),
    ],
)
def test_value_that_cannot_be_read_is_named(tmp_path, name, value):
    with pytest.raises(ConfigurationError, match=name):
        read(tmp_path, **{name: value})


def test_plain_http_in_production_is_refused(tmp_path):
    production = {"DATABASE_URL": POSTGRES, "SECRET_KEY": STRONG_KEY}

    with pytest.raises(ConfigurationError, match="in clear"):
        read(tmp_path, COMMISSIONING_BASE_URL="http://tenders.example", **production)
    secure = read(tmp_path, COMMISSIONING_BASE_URL="https://tenders.example/", **production)
    assert secure.base_url == "https://tenders.example"
    assert secure.is_served_over_https


def test_settings_made_by_hand_are_checked_alike(tmp_path):
    with pytest.raises(ConfigurationError, match="SECRET_KEY is weak"):
        Settings(database_url="sqlite:////srv/x.sqlite3", data_folder=tmp_path, secret_key="x")


def test_checkout_keeps_its_data_beside_the_package():
    folder = paths.default_data_folder()

    assert folder == paths.migrations().parent / "var"
    assert os.path.commonpath([paths.templates(), paths.seed(), folder]) == str(folder.parent)


@pytest.mark.parametrize(
    "changes",
    [
        {"DATABASE_URL": "postgresql://db.example/tenders", "SECRET_KEY": "k7Qw2ZpX9vRb4TnM" * 3},
        {"COMMISSIONING_BASE_URL": "https://tenders.example.org"},
    ],
)
def test_demonstration_is_refused_where_others_could_reach_it(tmp_path, changes):
    with pytest.raises(ConfigurationError, match="Remove COMMISSIONING_DEMO"):
        read(tmp_path, COMMISSIONING_DEMO="1", **changes)


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:3310", "[::1]:3310", "av:3310", "/run/clamd.ctl"]
)
def test_a_scanner_is_named_by_host_and_port_or_by_its_socket(tmp_path, address):
    assert read(tmp_path, COMMISSIONING_CLAMD=address).clamd == address


@pytest.mark.parametrize(
    "address", ["av", ":3310", "av:", "av:x", "av:99999", "tcp://av:3310", "a@av:3310", "run/clamd"]
)
def test_another_address_of_a_scanner_stops_the_start(tmp_path, address):
    with pytest.raises(ConfigurationError, match="COMMISSIONING_CLAMD"):
        read(tmp_path, COMMISSIONING_CLAMD=address)
