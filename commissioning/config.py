"""Settings: read once from the environment, checked, and never changed afterwards.

The platform starts on a machine with nothing set: SQLite and a generated key in the data folder.
Whoever names a PostgreSQL database runs it for others, and then nothing is guessed: a missing or
weak setting stops the start with a sentence that says what to do.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

MINIMUM_KEY_LENGTH = 32
MINIMUM_KEY_VARIETY = 10
MEBIBYTE = 1024 * 1024
DEFAULT_BASE_URL = "http://127.0.0.1:5000"
DEFAULT_MAX_DOCUMENT_BYTES = 50 * MEBIBYTE
DEFAULT_MAX_REQUEST_BYTES = 60 * MEBIBYTE
_KEY_FILE = "secret.key"
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_WEAK_KEY_PARTS = ("changeme", "change-me", "example", "password", "secret")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


class ConfigurationError(Exception):
    """The platform cannot start with these settings; the sentence says what to set."""


class PasswordHashing(StrEnum):
    """How much work it takes to try one password."""

    STANDARD = "standard"
    CHEAP = "cheap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator can decide, checked when it is made.

    `database_url` is an SQLAlchemy URL; `secret_key` signs cookies; sizes are in bytes. `is_demo`
    marks an installation whose people and figures are invented and whose passwords are printed;
    `is_testing` is never read from the environment. `clamd` is "host:port" or the path of a
    socket, and "" for no scanner. `earlier_receipt_keys` are public keys that signed receipts under
    other secrets. Raises ConfigurationError.
    """

    database_url: str = field(repr=False)
    data_folder: Path
    secret_key: str = field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    is_demo: bool = False
    is_testing: bool = False
    password_hashing: PasswordHashing = PasswordHashing.STANDARD
    max_document_bytes: int = DEFAULT_MAX_DOCUMENT_BYTES
    max_request_bytes: int = DEFAULT_MAX_REQUEST_BYTES
    max_form_bytes: int = 4 * MEBIBYTE
    max_form_parts: int = 5000
    clamd: str = ""
    earlier_receipt_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_database_url(self.database_url)
        _check_secret_key(self.secret_key)
        _check_base_url(self.base_url, is_embedded=self.is_embedded)
        if self.password_hashing is PasswordHashing.CHEAP and not (self.is_demo or self.is_testing):
            raise ConfigurationError(
                "Cheap password hashing is for demonstrations and tests. Remove "
                "COMMISSIONING_PASSWORD_HASHING, or set COMMISSIONING_DEMO=1 if everyone here is "
                "invented."
            )
        is_at_home = self.is_embedded and urlsplit(self.base_url).hostname in _LOCAL_HOSTS
        if self.is_demo and not (is_at_home or self.is_testing):
            raise ConfigurationError(
                "A demonstration shows everybody its mail and its passwords, so it runs on the "
                "embedded database and for this machine alone. Remove COMMISSIONING_DEMO."
            )
        _check_clamd(self.clamd)
        if not 0 < self.max_document_bytes < self.max_request_bytes:
            raise ConfigurationError(
                "A request must be able to carry the largest document: set "
                "COMMISSIONING_MAX_REQUEST_BYTES above COMMISSIONING_MAX_DOCUMENT_BYTES, and both "
                "above 0."
            )

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a SQLite file rather than a server."""
        return self.database_url.startswith("sqlite:")

    @property
    def is_served_over_https(self) -> bool:
        """Whether people reach the site over HTTPS, so that cookies need not cross plain HTTP."""
        return self.base_url.startswith("https:")

    def as_environment(self) -> dict[str, str]:
        """The environment in which another process of the installation reads the same settings."""
        stated = {
            "DATABASE_URL": self.database_url,
            "COMMISSIONING_DATA": str(self.data_folder),
            "SECRET_KEY": self.secret_key,
            "COMMISSIONING_BASE_URL": self.base_url,
        }
        if self.is_demo:
            stated["COMMISSIONING_DEMO"] = "1"
        return stated

    @property
    def documents_folder(self) -> Path:
        """Where the embedded document store keeps its files."""
        return self.data_folder / "documents"

    @property
    def outbox_folder(self) -> Path:
        """Where mail is laid when no mail server is set."""
        return self.data_folder / "outbox"

    @property
    def logs_folder(self) -> Path:
        """Where logs are kept."""
        return self.data_folder / "logs"


def read_settings(
    environment: Mapping[str, str],
    *,
    default_data_folder: Path | None,
    is_demo: bool = False,
) -> Settings:
    """The settings that an environment asks for.

    Makes the data folder, and on the embedded database a secret key in it, where they are absent;
    writes nothing else. Raises ConfigurationError with a sentence that says what to set.
    """
    data_folder = _data_folder(environment, default_data_folder)
    database_url = _database_url(environment, data_folder)
    base_url = environment.get("COMMISSIONING_BASE_URL", "").strip() or DEFAULT_BASE_URL
    return Settings(
        database_url=database_url,
        data_folder=data_folder,
        secret_key=_secret_key(environment, database_url, data_folder),
        base_url=base_url.rstrip("/"),
        is_demo=is_demo or _flag(environment, "COMMISSIONING_DEMO"),
        password_hashing=_password_hashing(environment),
        max_document_bytes=_size(
            environment, "COMMISSIONING_MAX_DOCUMENT_BYTES", DEFAULT_MAX_DOCUMENT_BYTES
        ),
        max_request_bytes=_size(
            environment, "COMMISSIONING_MAX_REQUEST_BYTES", DEFAULT_MAX_REQUEST_BYTES
        ),
        clamd=environment.get("COMMISSIONING_CLAMD", "").strip(),
        earlier_receipt_keys=_keys(environment, "COMMISSIONING_EARLIER_RECEIPT_KEYS"),
    )


# Reading one setting each --------------------------------------------------------------------


def _keys(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    keys = tuple(environment.get(name, "").lower().split())
    if not all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys):
        raise ConfigurationError(
            f"Set {name} to public keys of 64 hexadecimal digits each, with spaces between them."
        )
    return keys


def _data_folder(environment: Mapping[str, str], default: Path | None) -> Path:
    named = environment.get("COMMISSIONING_DATA", "").strip()
    if not named and default is None:
        raise ConfigurationError(
            "Set COMMISSIONING_DATA to the folder in which the platform may keep its database, "
            "documents and logs."
        )
    folder = (Path(named).expanduser() if named else Path(str(default))).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {folder} cannot be made ({error.strerror}). Set COMMISSIONING_DATA "
            "to a folder that this user may write to."
        ) from error
    return folder


def _database_url(environment: Mapping[str, str], data_folder: Path) -> str:
    url = environment.get("DATABASE_URL", "").strip()
    if not url:
        return f"sqlite:///{data_folder / 'commissioning.sqlite3'}"
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg{separator}{rest}"
    return url


def _secret_key(environment: Mapping[str, str], database_url: str, data_folder: Path) -> str:
    key = environment.get("SECRET_KEY", "").strip()
    if key or not database_url.startswith("sqlite:"):
        return key
    return _kept_key(data_folder / _KEY_FILE)


def _kept_key(path: Path) -> str:
    """The generated key of an embedded installation: made once, readable by its owner alone."""
    # Two first starts at once: one writes the whole file aside and links it, the other reads it.
    if not path.exists():
        aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            aside.replace(path)
        aside.unlink(missing_ok=True)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigurationError(
            f"Others on this machine may read {path}, which signs the sessions of everyone. Run "
            f"chmod 600 {path}; if they may have read it, delete it and everyone signs in again."
        )
    return path.read_text(encoding="ascii").strip()


def _password_hashing(environment: Mapping[str, str]) -> PasswordHashing:
    name = environment.get("COMMISSIONING_PASSWORD_HASHING", "").strip() or "standard"
    try:
        return PasswordHashing(name)
    except ValueError:
        raise ConfigurationError(
            f"COMMISSIONING_PASSWORD_HASHING is “{name}”; set it to standard or remove it."
        ) from None


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip().lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise ConfigurationError(f"{name} is “{value}”; set it to 1 or 0.")


def _size(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit()):
        raise ConfigurationError(f"{name} is “{value}”; set it to a whole number of bytes.")
    return int(value)


# Checks --------------------------------------------------------------------------------------


def _check_database_url(url: str) -> None:
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigurationError(
            f"DATABASE_URL begins with “{url.partition(':')[0]}:”; set it to "
            "postgresql://user:password@host/database, or remove it for the embedded database."
        )
    if url.startswith("sqlite:") and (url == "sqlite:///" or ":memory:" in url):
        raise ConfigurationError(
            "DATABASE_URL names a database in memory, which forgets everything. Name a file, or "
            "remove it for the embedded database."
        )


def _check_secret_key(key: str) -> None:
    how = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if not key:
        raise ConfigurationError(
            "SECRET_KEY is not set, and with a PostgreSQL database it must be, alike on every "
            f"server. {how}"
        )
    is_guessable = any(part in key.lower() for part in _WEAK_KEY_PARTS)
    if len(key) < MINIMUM_KEY_LENGTH or len(set(key)) < MINIMUM_KEY_VARIETY or is_guessable:
        raise ConfigurationError(
            f"SECRET_KEY is weak: whoever guesses it can sign in as anyone. {how}"
        )


def _check_base_url(url: str, *, is_embedded: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError(
            f"COMMISSIONING_BASE_URL is “{url}”; set it to the address at which people reach the "
            "site, such as https://tenders.example.gov.uk."
        )
    if parts.scheme == "http" and not is_embedded and parts.hostname not in _LOCAL_HOSTS:
        raise ConfigurationError(
            f"COMMISSIONING_BASE_URL is “{url}”: sign-ins would travel in clear. Serve the site "
            "over HTTPS and set its https:// address."
        )


def _check_clamd(address: str) -> None:
    if not address or (address.startswith("/") and "\0" not in address):
        return
    try:
        parts = urlsplit(f"//{address}")
        is_named = bool(parts.hostname and parts.port) and parts.netloc == address
    except ValueError:
        is_named = False
    if not is_named or "@" in address:
        raise ConfigurationError(
            f"COMMISSIONING_CLAMD is “{address}”; set it to the host and port of clamd, such as "
            "127.0.0.1:3310, or to the path of its socket, or remove it for no scanner."
        )
