"""Where the files beside the code are: inside an installed wheel, or in the checkout.

A checkout keeps `templates/`, `migrations/` and `seed/` beside the package; a wheel carries them
in `commissioning/_bundled/`. Nothing else in the platform builds such a path.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"
_BESIDE = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent


def templates() -> Path:
    """The folder of page templates."""
    return _BESIDE / "templates"


def migrations() -> Path:
    """The folder of database migrations, with its `alembic.ini`."""
    return _BESIDE / "migrations"


def seed() -> Path:
    """The folder of scenarios."""
    return _BESIDE / "seed"


def default_data_folder() -> Path | None:
    """Where an unconfigured platform keeps what it writes: `var/` in the checkout.

    An installed wheel has no checkout and so no default: whoever runs it names the folder, and no
    database appears in whatever folder a command happened to be started from.
    """
    return None if _BUNDLED.is_dir() else _PACKAGE.parent / "var"
