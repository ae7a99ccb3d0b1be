"""Migrations make, on both engines, exactly the tables that the models describe."""

from __future__ import annotations

import re

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from commissioning import paths
from commissioning.infrastructure import vault
from tests.support.databases import lent

FILE_NAME = re.compile(r"\d{8}_\d{4}_[0-9a-f]{4,12}_[a-z0-9_]+\.py")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_app(request, tmp_path):
    """The application on a database with nothing in it."""
    from commissioning.app import create_app
    from tests.support.application import release, settings_for

    name = "sqlite_files" if request.param == "sqlite" else "postgres_server"
    with lent(request.getfixturevalue(name), migrated=False) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            yield app
        release(app)


def config_of(app):
    return app.extensions["migrate"].migrate.get_config(str(paths.migrations()))


def tables(app):
    engine = app.extensions["sqlalchemy"].engine
    engine.dispose()  # the driver's cached plans would outlive the tables
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_revisions_have_one_head(empty_app):
    assert len(ScriptDirectory.from_config(config_of(empty_app)).get_heads()) == 1


def test_revision_files_are_named_by_time():
    names = [path.name for path in (paths.migrations() / "versions").glob("*.py")]

    assert names
    assert [name for name in names if not FILE_NAME.fullmatch(name)] == []


def test_upgrade_from_empty_makes_what_the_models_describe(empty_app):
    config = config_of(empty_app)

    command.upgrade(config, "head")

    assert tables(empty_app) == set(empty_app.extensions["sqlalchemy"].metadata.tables)
    command.check(config)  # raises, with the differences


def test_last_revision_can_be_undone_and_done_again(empty_app):
    config = config_of(empty_app)
    command.upgrade(config, "head")
    before = tables(empty_app)

    command.downgrade(config, "-1")
    command.upgrade(config, "head")

    assert tables(empty_app) == before
    command.check(config)


def test_every_revision_can_be_undone(empty_app):
    config = config_of(empty_app)
    command.upgrade(config, "head")

    command.downgrade(config, "base")

    assert tables(empty_app) == set()


def test_foreign_keys_hold_again_after_an_upgrade(empty_app):
    command.upgrade(config_of(empty_app), "head")

    engine = empty_app.extensions["sqlalchemy"].engine
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_keys_from_before_the_installations_word_are_given_it(empty_app):
    config, engine = config_of(empty_app), empty_app.extensions["sqlalchemy"].engine
    command.upgrade(config, "0106")
    key = bytes(range(32))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisation (reference, name, kind, legal_form, identifier_scheme,"
                " identifier, status, is_invented, may_sign_in, public_key, registered_at) VALUES"
                " ('ORG-1', 'One', 'bidder', 'company', 'company-number', '00000001', 'active',"
                " true, true, :key, '2014-01-01')"
            ),
            {"key": key},
        )

    command.upgrade(config, "0107")

    read = text("SELECT public_key FROM organisation")
    with engine.connect() as connection:
        assert vault.vouched(bytes(connection.execute(read).scalar_one()), of="ORG-1") == key
    command.downgrade(config, "0106")
    with engine.connect() as connection:
        assert bytes(connection.execute(read).scalar_one()) == key
