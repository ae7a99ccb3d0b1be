"""`commissioning award robustness` and `award rehearse`: how firmly, and how rules act at design.

As the pages do it, from files alone: no database, no web server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import click

from commissioning.award.domain.plain import as_plain
from commissioning.award.domain.problem import BadProblem, problem_sha256
from commissioning.cli.award_files import (
    INFEASIBLE,
    NOT_PROVEN,
    check_limits,
    problem_in,
    read,
    refuse,
    write,
)
from commissioning.kernel.canonical import sha256_hex
from commissioning.kernel.errors import BadInput, BadInputs

_MOST_MARKETS = 2_000
_NOT_AS_IT_SHOULD_BE = (
    BadInputs,
    BadProblem,
    ArithmeticError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)
"""What a document that states something else, or less, comes to when it is taken for a model."""


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json")
@click.option("--model", "model_file", metavar="MODEL.json", help="The evaluation model.")
@click.option("--marks", "marks_file", metavar="MARKS.json", help="The agreed marks of all bids.")
@click.option(
    "--weights",
    "furthest",
    type=click.IntRange(1, 99),
    default=5,
    show_default=True,
    metavar="POINTS",
    help="How far weights are moved, with --marks.",
)
@click.option("-o", "--output", metavar="FILE.json", help="Where to write what is found.")
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop then, with what is found.")
@click.pass_context
def robustness(
    ctx: click.Context,
    *,
    problem_file: str,
    model_file: str | None,
    marks_file: str | None,
    furthest: int,
    output: str | None,
    time_limit: float | None,
) -> None:
    """Find which withdrawal, price, single mark or weight would move a lot.

    Marks and weights are looked at where MODEL.json and MARKS.json are given, as in an award pack.
    Exit: 0 all was looked at; 2 the time came first; 3 there is no award; 4 bad input; 64 wrong
    usage; 70 failure of the program.
    """
    check_limits(time_limit, output)
    if (model_file is None) != (marks_file is None):
        raise click.UsageError("Give --model and --marks together.")
    problem = problem_in(ctx, problem_file)

    # It loads a solver: only here, and only after the input has been read.
    from commissioning.award.domain import robustness as firm  # noqa: PLC0415

    heard = _until(time_limit)
    try:
        standing = firm.Standing(problem)
    except BadInput as error:
        click.echo(error.sentence, err=True)
        ctx.exit(INFEASIBLE)
    found: dict[str, Any] = {}
    said: list[str] = []
    if model_file is not None and marks_file is not None:
        model, rows = _json(ctx, model_file), _json(ctx, marks_file)
        try:
            quality = firm.quality_of(model, firm.agreed_bids(rows))
            quality.check_against(problem)
        except _NOT_AS_IT_SHOULD_BE as error:
            refuse(ctx, marks_file, BadProblem("$", f"no marks to go by: {error}"))
        found["marks"] = firm.marks_that_decide(standing, quality, heard=heard)
        found["weights"] = firm.weights_that_decide(
            standing, quality, furthest=furthest, step=firm.WEIGHT_STEP, heard=heard
        )
        said += [*firm.marks_in_words(found["marks"]), *firm.weights_in_words(found["weights"])]
    found["withdrawals"] = firm.withdrawals_that_decide(standing, heard=heard)
    found["prices"] = firm.prices_that_decide(standing, heard=heard)
    said += firm.withdrawals_in_words(found["withdrawals"])
    said += firm.prices_in_words(found["prices"])
    click.echo("\n".join(said), err=True)
    award = {"award": dict(standing.award), "problem_sha256": problem_sha256(problem)}
    write(award | {name: as_plain(each) for name, each in found.items()}, output)
    ctx.exit(0 if all(each.search.is_complete for each in found.values()) else NOT_PROVEN)


@click.command()
@click.argument("model_file", metavar="MODEL.json")
@click.option("--markets", type=click.IntRange(1, _MOST_MARKETS), default=200, show_default=True)
@click.option("--seed", default="rehearsal", show_default=True, help="What markets are drawn from.")
@click.option(
    "--single-marks",
    type=click.IntRange(0, _MOST_MARKETS),
    default=0,
    show_default=True,
    metavar="MARKETS",
    help="In how many of the markets to try every single mark.",
)
@click.option("-o", "--output", metavar="FILE.json", help="Where to write what came of it.")
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop then, with what is found.")
@click.pass_context
def rehearse(
    ctx: click.Context,
    *,
    model_file: str,
    markets: int,
    seed: str,
    single_marks: int,
    output: str | None,
    time_limit: float | None,
) -> None:
    """Run the rules of an evaluation model on invented markets.

    MODEL.json is as in an award pack; it needs neither hash nor seed. Nothing in the answer is a
    forecast. Exit: 0 all markets were solved; 2 the time came first; 4 bad input; 64 wrong usage;
    70 failure of the program.
    """
    check_limits(time_limit, output)
    model = _json(ctx, model_file)

    from commissioning.award.domain import rehearsal as trial  # noqa: PLC0415

    heard = _until(time_limit)
    try:
        rules = trial.Rules(model)
        assumptions = trial.fitted(trial.plausible_assumptions(seed, markets=markets), rules)
        trial.invented_market(rules, assumptions, 0)
    except _NOT_AS_IT_SHOULD_BE as error:
        refuse(ctx, model_file, BadProblem("$", f"no rules to rehearse: {error}"))
    rehearsed = trial.rehearse(rules, assumptions, heard=heard)
    marks = trial.single_marks(rules, assumptions, min(single_marks, markets), heard=heard)
    more = trial.marks_in_words(marks) if single_marks else ()
    click.echo("\n".join([*trial.rehearsal_in_words(rehearsed), *more]), err=True)
    document = {
        "model_sha256": sha256_hex(model),
        "rehearsal": as_plain(rehearsed),
        "marks": as_plain(marks),
    }
    write(document, output)
    ctx.exit(0 if rehearsed.is_complete and marks.is_complete else NOT_PROVEN)


def _json(ctx: click.Context, path: str) -> Any:
    try:
        return json.loads(read(path), parse_float=_no_float, parse_constant=_no_float)
    except BadProblem as error:
        refuse(ctx, path, error)
    except (ValueError, RecursionError) as error:
        refuse(ctx, path, BadProblem("$", f"is no JSON that can be read: {error}"))


def _no_float(text: str) -> Mapping[str, Any]:
    raise ValueError(f"{text} is no whole number; write rates and weights as texts")


def _until(seconds: float | None) -> Callable[[int, int], bool]:
    ends_at = None if seconds is None else time.monotonic() + seconds
    return lambda _done, _total: ends_at is None or time.monotonic() < ends_at
