"""What may go wrong, as the person who asked is told it.

Each error carries one sentence for people. `commissioning.web.errors` alone turns errors into
pages; a service raises and lets go.
"""

from __future__ import annotations


class DomainError(Exception):
    """A rule of procurement, or of this platform, says no; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: both look the same."""

    def __init__(self, sentence: str = "There is no such page, or it is not yours to see.") -> None:
        super().__init__(sentence)


class Forbidden(NotFound):
    """The actor may not do this; shown exactly as `NotFound`, and recorded as a denial.

    `permission` and `reason` are for the trail only: no page prints them.
    """

    def __init__(self, permission: str, reason: str) -> None:
        super().__init__()
        self.permission = permission
        self.reason = reason


class IllegalTransition(DomainError):
    """The move is not in the lifecycle table from where the subject stands now."""


class Conflict(DomainError):
    """The act collides with what has happened since, or with a rule about two people."""


class MoveRefused(Conflict):
    """A half of an act of two people is refused: made already, or not as it was proposed.

    Unlike another Conflict it is kept as a refused move.
    """


class BadInput(DomainError):
    """What was typed cannot be taken; `field` names the place, `sentence` says what to type."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class BadInputs(DomainError):
    """Several places are wrong at once: a list of (field, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(sentence for _, sentence in problems))
        self.problems = tuple(problems)


class KeyLocked(DomainError):
    """The organisation's key is not open in this session, so sealed content cannot be read."""

    def __init__(
        self,
        sentence: str = (
            "Your session cannot open your organisation's key. Sign in again, or ask a colleague "
            "to let you back in."
        ),
    ) -> None:
        super().__init__(sentence)
