"""What a command of the machine is: an act of the platform, with what the twin knows about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from commissioning.kernel.actor import Actor
from tests.services.wholelife.twin import Twin
from tests.support.small_competition import Small

Args = dict[str, Any]


class Command:
    """One use case. A subclass with a `name` registers itself.

    `options` are the arguments with which it may be tried now, sound and unsound; `may` says
    whether the platform has to do it, and not only may; `call` does it; `then` tells the twin what
    followed and returns the events that the trail must have gained, in their order.
    """

    name: ClassVar[str] = ""
    every: ClassVar[list[Command]] = []

    def __init_subclass__(cls) -> None:
        if cls.name:
            Command.every.append(cls())

    def options(self, twin: Twin, n: int) -> Iterable[Args]:
        """Arguments to try; `n` is any number, for variety."""
        return [{}]

    def may(self, twin: Twin, who: str, **args: Any) -> bool:
        """Whether this person can do this now."""
        raise NotImplementedError

    def call(self, world: Small, actor: Actor, **args: Any) -> Any:
        """Do it."""
        raise NotImplementedError

    def then(self, twin: Twin, who: str, result: Any, **args: Any) -> list[str]:
        """What follows."""
        raise NotImplementedError
