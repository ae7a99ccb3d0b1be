"""`commissioning award-scenarios`: solving beside the site, in processes that cannot harm it.

Two processes do the work. `work` keeps the row: it gives a sign of life every second, shows how far
the work is, and ends the other one when somebody stops it or its time is up. `solve` knows neither
database nor secret: it reads a problem, and writes progress and the answer. It has the lowest
priority, and a bound on its memory and its time.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

import click

from commissioning.cli.bounds import (
    GRACE_SECONDS,
    MEMORY_LIMIT_MB,
    OUT_OF_MEMORY,
    TIME_LIMIT_SECONDS,
    Bounds,
)


@click.group("award-scenarios")
def award_scenarios() -> None:
    """Solve scenarios and alternatives in the background; the site starts this by itself."""


@award_scenarios.command()
@click.argument("reference")
@click.option("--time-limit", type=float, default=TIME_LIMIT_SECONDS, show_default=True)
@click.option("--memory-mb", type=click.IntRange(64), default=MEMORY_LIMIT_MB, show_default=True)
@click.pass_context
def work(ctx: click.Context, *, reference: str, time_limit: float, memory_mb: int) -> None:
    """Solve what waits under REFERENCE, and keep the answer.

    Exit: 0 an answer is kept; 1 nothing waits under that reference, or it came to no answer.
    """
    # Only here: `solve`, in the same module, needs neither the site nor a database.
    from commissioning.cli.working import run_work, worker_site  # noqa: PLC0415

    with contextlib.suppress(OSError):
        os.nice(5)
    app, clock = worker_site()
    is_done = run_work(app, reference, Bounds(time_limit, memory_mb), clock=clock)
    ctx.exit(0 if is_done else 1)


@award_scenarios.command(hidden=True)
def solve() -> None:
    """Read a task from standard input; write progress, then the answer, as lines of JSON."""
    # The libraries first: some of them leave without a word where they find too little memory.
    from commissioning.cli.tasks import answer_to  # noqa: PLC0415

    task = json.load(sys.stdin)
    _bind(task["megabytes"], task["seconds"])
    try:
        _say({"answer": answer_to(task, lambda done, total: _say({"done": done, "total": total}))})
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # there is no room left to leave in good order


def _bind(megabytes: int, seconds: float) -> None:
    """Low priority, and limits that the system itself keeps."""
    import resource  # noqa: PLC0415 - it exists only where processes can be bound in this way

    with contextlib.suppress(OSError):
        os.nice(10)
    memory, processor = megabytes * 1024 * 1024, int(seconds + GRACE_SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")
    sys.stdout.flush()
