"""`commissioning show-permissions` and `show-lifecycle`: print the policy as it is."""

from __future__ import annotations

import click

from commissioning.app import LIFECYCLES
from commissioning.kernel.csv_text import csv_text
from commissioning.permissions import matrix


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated, as committed with the tests.")
def show_permissions(*, as_csv: bool) -> None:
    """Print who may do what, where the role must be held, and under which conditions."""
    lines = matrix()
    if as_csv:
        heading = ("permission", "role", "held", "conditions")
        click.echo(csv_text([heading, *lines], line_end="\n"), nl=False)
        return
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for permission, role, held, conditions in lines:
        click.echo(
            f"{permission:<{widths[0]}}  {role:<{widths[1]}}  {held:<{widths[2]}}  {conditions}"
        )


@click.command()
@click.argument("name")
def show_lifecycle(name: str) -> None:
    """Print the moves of one lifecycle: from, event, to, permission, guards."""
    tables = {table.name: table for table in LIFECYCLES}
    if name not in tables:
        raise click.UsageError(f"There is no lifecycle {name}. Known: {', '.join(sorted(tables))}.")
    for row in tables[name].transitions:
        guards = ", ".join(guard.name for guard in row.guards) or "-"
        who = row.permission or "time"
        pair = " (two people)" if row.two_person else ""
        click.echo(f"{row.source} --{row.event}--> {row.target}  by {who}{pair}  needs {guards}")
