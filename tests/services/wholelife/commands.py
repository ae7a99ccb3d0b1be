"""Every command that the machine knows, whichever file it stands in."""

from __future__ import annotations

from tests.services.wholelife import (
    assessing,
    awarding,
    bidding,
    deciding,
    lateness,
    marking,
    opening,
    setting_up,
    uploading,
)
from tests.services.wholelife.command import Command

FILES = (
    setting_up,
    deciding,
    bidding,
    uploading,
    lateness,
    opening,
    assessing,
    marking,
    awarding,
)
COMMANDS: tuple[Command, ...] = tuple(Command.every)
_BY_NAME = {command.name: command for command in COMMANDS}


def named(name: str) -> Command:
    """A command by its name: context, module and function."""
    return _BY_NAME[name]
