"""Processes beside the web server: started once what they work on is committed, and never before.

A use case asks for one with `start_after_commit`; where its transaction is undone, nothing starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

import commissioning
from commissioning.infrastructure.database import db

_WAITING = "commissioning.workers"
_PACKAGE = Path(commissioning.__file__).resolve().parents[1]


class _Setting:
    environment: Mapping[str, str] | None = None


def configure(environment: Mapping[str, str] | None) -> None:
    """In which environment processes start; None where none is to start by itself."""
    _Setting.environment = environment


def start_after_commit(*arguments: str) -> None:
    """Run `commissioning` with these arguments, in a process of its own, once this is committed."""
    db.session.info.setdefault(_WAITING, []).append(arguments)


def waiting() -> list[tuple[str, ...]]:
    """What starts once the transaction of now is committed."""
    return list(db.session.info.get(_WAITING, []))


def command_line(arguments: Sequence[str]) -> list[str]:
    """The command of the platform, as this very Python and this very package run it."""
    return [sys.executable, "-m", "commissioning.cli", *arguments]


def environment_with(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: what finds programs and the package, and what is added."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    # One thread each: what is solved beside the site must not take the machine from it.
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**kept, **alone, "PYTHONPATH": str(_PACKAGE), **more}


def _start(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command, with references of ours
        command_line(arguments),
        env=environment_with(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Somebody has to wait for it, or it stays in the table of processes after its end.
    threading.Thread(target=process.wait, daemon=True).start()


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    for arguments in session.info.pop(_WAITING, []):
        if _Setting.environment is not None:
            _start(arguments, _Setting.environment)


@event.listens_for(Session, "after_rollback")
def _undone(session: Session) -> None:
    session.info.pop(_WAITING, None)
