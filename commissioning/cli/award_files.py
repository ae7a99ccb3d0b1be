"""Files of `commissioning award`: what is read, what is written, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from commissioning.award.domain.problem import BadProblem, Problem, parse_problem

RULE_BROKEN = 1
NOT_PROVEN = 2
INFEASIBLE = 3
BAD_INPUT = 4


def check_limits(time_limit: float | None, output: str | None) -> None:
    """A time limit is a number of seconds, and an output has a folder; BadParameter otherwise."""
    if time_limit is not None and not (math.isfinite(time_limit) and time_limit >= 0):
        raise click.BadParameter(
            "must be a number of seconds, 0 or more", param_hint="--time-limit"
        )
    if output is not None and not Path(output).absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder for {output}", param_hint="--output")


def write(document: Mapping[str, Any], output: str | None) -> None:
    """Write a document as JSON to a file, or to standard output."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if output is None:
        click.echo(text.encode("utf-8"), nl=False)
    else:
        Path(output).write_text(text, encoding="utf-8", newline="\n")


def problem_in(ctx: click.Context, path: str) -> Problem:
    """The award problem that a file holds; leaves with `BAD_INPUT` where it holds none."""
    try:
        return parse_problem(read(path))
    except BadProblem as error:
        refuse(ctx, path, error)


def read(path: str) -> bytes:
    """The bytes of a file; BadProblem where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadProblem("$", f"cannot be read: {error.strerror}") from error


def refuse(ctx: click.Context, path: str, error: BadProblem) -> NoReturn:
    """Say what is wrong with a file, and leave with `BAD_INPUT`."""
    click.echo(f"{path}: {error.sentence}", err=True)
    ctx.exit(BAD_INPUT)
