"""The application as tests start it."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
from flask import Flask

from commissioning import paths
from commissioning.app import create_app
from commissioning.config import PasswordHashing, Settings
from commissioning.infrastructure.database import db

# Nobody's key: it signs the cookies of databases that live for milliseconds.
TEST_KEY = "kR7vXq2LmZ9wTb4YcNf8HdJs5GpUe3Aa"


def settings_for(database_url: str, data_folder: Path, **changes) -> Settings:
    """Settings as of production, but for hashing that is quick on purpose."""
    data_folder.mkdir(parents=True, exist_ok=True)
    chosen = {
        "database_url": database_url,
        "data_folder": data_folder,
        "secret_key": TEST_KEY,
        "base_url": "http://localhost",
        "is_testing": True,
        "password_hashing": PasswordHashing.CHEAP,
    }
    return Settings(**(chosen | changes))


def migrate(settings: Settings) -> None:
    """Bring a database to the newest revision and let go of it."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade(directory=str(paths.migrations()))
    release(app)


def release(app: Flask) -> None:
    """Close every connection that an application holds."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
