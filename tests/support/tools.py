"""What a machine may lack for some of the tests. Standard library only: run.py reads it too."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

WITHOUT_CHROMIUM = "no Chromium was found. On Debian and Ubuntu: apt-get install chromium"
WITHOUT_POSTGRESQL = (
    "no PostgreSQL server was found. On Debian and Ubuntu: apt-get install postgresql; "
    "or set TEST_DATABASE_URL to a server on which databases may be created"
)


def chromium() -> str | None:
    """The browser for journeys."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def postgresql_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: Debian keeps them off the PATH, newest version first.

    POSTGRESQL_FOLDER names another place than Debian's.
    """
    folder = Path(os.environ.get("POSTGRESQL_FOLDER", "/usr/lib/postgresql"))
    installed = sorted(
        folder.glob("*/bin/initdb"),
        key=lambda path: int("".join(filter(str.isdigit, path.parent.parent.name)) or 0),
        reverse=True,
    )
    for initdb in (*installed, shutil.which("initdb")):
        if initdb is not None and (Path(initdb).parent / "pg_ctl").exists():
            return Path(initdb).parent
    return None


def has_postgresql() -> bool:
    """Whether tests can have a PostgreSQL server."""
    return bool(os.environ.get("TEST_DATABASE_URL")) or postgresql_binaries() is not None


def in_ci() -> bool:
    """Whether a missing tool is a failure rather than a reason to skip."""
    return os.environ.get("CI", "").lower() == "true"
