"""What solving in the background may take, as both of its processes know it."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_BETWEEN_SIGNS = 1.0
TIME_LIMIT_SECONDS = 600.0
MEMORY_LIMIT_MB = 2048
OUT_OF_MEMORY = 12
GRACE_SECONDS = 20.0
"""How much longer than its time limit a solver may take to come to an end by itself."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What solving may take: seconds on the clock, and megabytes of memory."""

    seconds: float = TIME_LIMIT_SECONDS
    megabytes: int = MEMORY_LIMIT_MB
