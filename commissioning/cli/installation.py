"""The installation that a command works on: its settings, its clock, its application."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import flask_migrate
from flask import Flask

from commissioning import paths
from commissioning.app import create_app
from commissioning.config import (
    ConfigurationError,
    PasswordHashing,
    Settings,
    read_settings,
)
from commissioning.kernel.clock import Clock, ShiftedClock, SystemClock

STATE_FILE = "replay.json"
"""What a demonstration remembers: the stage it was taken to, and where its clock stands."""


def settings_of_installation() -> Settings:
    """The settings from the environment; a demonstration's own folder says that it is one."""
    try:
        return read_settings(os.environ, default_data_folder=paths.default_data_folder())
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error


def settings_of_demonstration() -> Settings:
    """Settings of the demonstration: an embedded database of its own, and quick hashing."""
    base = paths.default_data_folder()
    named = os.environ.get("COMMISSIONING_DATA", "").strip()
    folder = (Path(named) if named else Path(str(base))) / "demo"
    environment = {
        "COMMISSIONING_DATA": str(folder),
        "COMMISSIONING_PASSWORD_HASHING": PasswordHashing.CHEAP.value,
        "COMMISSIONING_DEMO": "1",
    }
    try:
        return read_settings(environment, default_data_folder=None, is_demo=True)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error


def installation() -> tuple[Flask, Clock]:
    """The application that a command speaks to, with its clock.

    Where no database is named, the folder holds a demonstration and no database beside it, the
    demonstration is meant: its people and its time are what a person who has just run it wants to
    look at. A real database beside it always comes first.
    """
    if "DATABASE_URL" not in os.environ:
        demonstration = settings_of_demonstration()
        beside = demonstration.data_folder.parent / "commissioning.sqlite3"
        if (demonstration.data_folder / STATE_FILE).exists() and not beside.exists():
            clock = demonstration_clock(demonstration)
            return create_app(demonstration, clock=clock), clock
    clock = SystemClock()
    app = create_app(settings_of_installation(), clock=clock)
    with app.app_context():
        upgrade(app)
    return app, clock


def upgrade(app: Flask) -> None:
    """Bring the database to the newest revision."""
    with app.app_context():
        flask_migrate.upgrade(directory=str(paths.migrations()))


def read_state(settings: Settings) -> dict[str, Any] | None:
    """What the demonstration remembers, or None where none has been finished."""
    path = settings.data_folder / STATE_FILE
    if not path.exists():
        return None
    state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return state


def write_state(settings: Settings, state: dict[str, Any]) -> None:
    """Remember a finished replay; written aside and renamed, so that it is whole or absent."""
    path = settings.data_folder / STATE_FILE
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
    aside.rename(path)


def demonstration_clock(settings: Settings) -> Clock:
    """A clock that runs on from where the replay stopped."""
    state = read_state(settings)
    if state is None:
        return SystemClock()
    return ShiftedClock(
        anchor=datetime.fromisoformat(state["business_time"]),
        started=datetime.fromisoformat(state["real_time"]),
    )
