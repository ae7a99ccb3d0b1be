"""The application as tests start it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import flask_migrate
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from commissioning import paths
from commissioning.app import create_app
from commissioning.config import PasswordHashing, Settings
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import Clock

# Nobody's key: it signs the cookies of databases that live for milliseconds.
TEST_KEY = "kR7vXq2LmZ9wTb4YcNf8HdJs5GpUe3Aa"


class CompiledTemplates(BytecodeCache):
    """What templates compile to, for every application of this process.

    Each test has an application of its own; to compile its pages anew took longer than most tests.
    """

    def __init__(self) -> None:
        self._code = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code, where the template is still what it was."""
        checksum, code = self._code.get(bucket.key, (None, None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        self._code[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = CompiledTemplates()


class CompiledRule(Rule):
    """An address whose builder is compiled once a process.

    Each test has an application of its own, and to compile some two hundred addresses anew took
    longer than most tests. A builder depends on the words of the address and on nothing else,
    unless the address has defaults.
    """

    _builders: ClassVar = {}

    def _compile_builder(self, *how: bool) -> Callable:
        if self.defaults:
            return super()._compile_builder(*how)
        words = self.rule, tuple(self._trace), how
        if words not in self._builders:
            self._builders[words] = super()._compile_builder(*how)
        return self._builders[words]


Flask.url_rule_class = CompiledRule


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


def started(settings: Settings, **clocks: Clock) -> Flask:
    """The application, with whatever templates this process has compiled before."""
    app = create_app(settings, **clocks)
    app.jinja_env.bytecode_cache = _COMPILED
    return app


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
