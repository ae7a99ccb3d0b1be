"""`commissioning award`: solve an award problem from a file, or check an award against it.

It needs no database and no web server, and imports neither.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from commissioning.award.domain.answer import Status
from commissioning.award.domain.neighbours import alternatives_document, open_to_alternatives
from commissioning.award.domain.objective import objective_value
from commissioning.award.domain.problem import (
    BadProblem,
    problem_sha256,
)
from commissioning.award.domain.rationals import rational_text
from commissioning.award.domain.shortfall_words import shortfall_in_words
from commissioning.award.domain.verifier import read_answer, read_award
from commissioning.award.domain.verifier import verify as broken_rules
from commissioning.cli.award_files import (
    INFEASIBLE,
    NOT_PROVEN,
    RULE_BROKEN,
    check_limits,
    problem_in,
    read,
    refuse,
    write,
)
from commissioning.cli.award_studies import rehearse, robustness

_EXIT_CODES = {
    Status.OPTIMAL: 0,
    Status.FEASIBLE: NOT_PROVEN,
    Status.UNKNOWN: NOT_PROVEN,
    Status.INFEASIBLE: INFEASIBLE,
}


@click.group()
def award() -> None:
    """Solve an award problem exactly, or check an award with no solver."""


@award.command()
@click.argument("problem_file", metavar="PROBLEM.json")
@click.option("-o", "--output", metavar="AWARD.json", help="Where to write the answer.")
@click.option("--explain", is_flag=True, help="Say of every bid why it won or lost.")
@click.option(
    "--time-limit", type=float, metavar="SECONDS", help="Stop then, with what is proven so far."
)
@click.option(
    "--solver",
    type=click.Choice(["highs", "cbc"]),
    default="highs",
    show_default=True,
    help="What proposes; the answer is the same.",
)
@click.pass_context
def solve(
    ctx: click.Context,
    *,
    problem_file: str,
    output: str | None,
    explain: bool,
    time_limit: float | None,
    solver: str,
) -> None:
    """Find the best award of all lots and prove it.

    Exit: 0 proven optimal; 2 feasible or unknown; 3 infeasible; 4 bad input; 64 wrong usage;
    70 failure of the program.
    """
    check_limits(time_limit, output)
    problem = problem_in(ctx, problem_file)

    # The optimiser loads a solver: only here, and only after the input has been read.
    from commissioning.award.domain.optimiser import solve as optimum  # noqa: PLC0415

    answer = optimum(problem, solver=solver, time_limit_s=time_limit, explain=explain)
    if answer.infeasible is not None:
        lines = shortfall_in_words(problem, answer.infeasible)
        click.echo("\n".join(["No award is possible.", *lines]), err=True)
    left_over = [lot.id for lot in problem.lots if lot.id not in answer.award]
    if answer.award and left_over:
        lots = f"lot{'' if len(left_over) == 1 else 's'} {', '.join(left_over)}"
        click.echo(f"By {problem.award_rule}, nobody may take {lots}.", err=True)
    write(answer.to_dict(), output)
    ctx.exit(_EXIT_CODES[answer.status])


@award.command()
@click.argument("problem_file", metavar="PROBLEM.json")
@click.option("-o", "--output", metavar="FILE.json", help="Where to write the awards.")
@click.option(
    "--within",
    type=str,
    default="0",
    metavar="PERCENT",
    show_default=True,
    help="How far from the optimum, such as 0.5; 0 is every other optimal award.",
)
@click.option("--cap", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--time-limit", type=float, metavar="SECONDS", help="Stop then, with what is found.")
@click.option("--solver", type=click.Choice(["highs", "cbc"]), default="highs", show_default=True)
@click.pass_context
def alternatives(
    ctx: click.Context,
    *,
    problem_file: str,
    output: str | None,
    within: str,
    cap: int,
    time_limit: float | None,
    solver: str,
) -> None:
    """List the best awards in order: all that are as good as the optimum, or close to it.

    Under `protected_optimum`, among the awards that leave the protected first places. Exit: 0 there
    are no others; 2 the cap or the time came first; 3 there is no award; 4 bad input; 64 wrong
    usage; 70 failure of the program.
    """
    check_limits(time_limit, output)
    margin_ppm = _parts_per_million(within)
    problem = problem_in(ctx, problem_file)

    from commissioning.award.domain.optimiser import awards_within  # noqa: PLC0415

    found = awards_within(
        open_to_alternatives(problem), margin_ppm, cap=cap, solver=solver, time_limit_s=time_limit
    )
    write(alternatives_document(problem, margin_ppm, found), output)
    if not found.is_complete:
        ctx.exit(NOT_PROVEN)
    ctx.exit(0 if found.awards else INFEASIBLE)


@award.command()
@click.argument("problem_file", metavar="PROBLEM.json")
@click.argument("award_file", metavar="AWARD.json")
@click.pass_context
def verify(ctx: click.Context, *, problem_file: str, award_file: str) -> None:
    """Check an award with no solver: every limit, and the exact objective.

    Exit: 0 valid; 1 a rule is broken, and named; 4 unreadable file, or no award in it.
    """
    problem = problem_in(ctx, problem_file)
    try:
        answer = read_answer(read(award_file))
    except BadProblem as error:
        refuse(ctx, award_file, error)
    proof = answer.get("proof")
    stated = proof.get("problem_sha256") if isinstance(proof, dict) else None
    if stated is not None and stated != problem_sha256(problem):
        click.echo("Note: this award was made for another text of the problem.", err=True)
    broken = broken_rules(problem, answer)
    for each in broken:
        click.echo(f"{each.rule}: {each.in_words}")
    if broken:
        ctx.exit(RULE_BROKEN)
    exact = rational_text(objective_value(problem, read_award(answer)))
    click.echo(f"valid: every limit is kept, and {problem.objective} is exactly {exact}")


def _parts_per_million(percent: str) -> int:
    try:
        parts = Decimal(percent) * 10_000
    except InvalidOperation:
        parts = Decimal(-1)
    if not parts.is_finite() or parts < 0 or parts != parts.to_integral_value():
        raise click.BadParameter(
            "must be a percentage, 0 or more, with at most four decimals", param_hint="--within"
        )
    return int(parts)


award.add_command(robustness)
award.add_command(rehearse)
