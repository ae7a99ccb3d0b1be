"""What a demonstration prints: the award table, the shares, and one sign-in for each role."""

from __future__ import annotations

import json

import click

from commissioning.award import queries as awards
from commissioning.award.queries import AwardTable
from commissioning.competition import queries as competitions
from commissioning.config import Settings
from commissioning.kernel.stage import Stage
from commissioning.web.filters import money_compact, percent, ppqp_apart


def print_report(settings: Settings) -> None:
    """Print where each competition stands, its award when it has one, and the sign-ins."""
    for competition in competitions.published_competitions():
        click.echo()
        click.secho(competition.title, bold=True)
        click.echo(f"{competition.reference} stands at: {Stage(competition.stage).label}")
        click.echo("Bidders, people, prices and marks are invented.")
        run = awards.latest_run(competition)
        if run is not None and Stage(competition.stage).is_at_or_after(Stage.AWARD_RECOMMENDED):
            _print_award(awards.award_table(competition, run))
    _print_sign_ins(settings)


def _print_award(table: AwardTable) -> None:
    figures = ppqp_apart([row.winning_figure for row in table.lots])
    click.echo()
    click.secho("Award: proven optimal over all lots, in exact arithmetic", bold=True)
    click.echo(f"{'Area':<52} {'Winner':<42} {'Price per quality point':>26}  Rank  Share")
    shares = {row.holder: row.share for row in table.shares if not row.is_group}
    for row, shown in zip(table.lots, figures, strict=True):
        area = f"{row.lot} {row.name}"
        if row.winner is None:
            click.echo(f"{area[:52]:<52} no valid bid")
            continue
        share = shares.get(row.winner)
        click.echo(
            f"{area[:52]:<52} {table.names[row.winner][:42]:<42} {shown:>26}  {row.rank:>4}"
            f"  {percent(share * 100, 1) if share is not None else '':>5}"
        )
        for item in row.displaced:
            click.echo(f"{'':<52} instead of {table.names[item.bidder]}: {item.because}")
    click.echo()
    click.secho("Shares of the market by indicative annual value", bold=True)
    for held in sorted(table.shares, key=lambda one: (one.is_group, -one.value_pence)):
        name = table.names.get(held.holder, held.holder)
        if held.is_group:
            name = f"{name} and the bidders it stands in"
        limits = [
            f"{money_compact(limit.held)} of at most {money_compact(limit.allowed)} {what}"
            for limit, what in (
                (held.share_limit, "by the share limit"),
                (held.funding_limit, "by its funding"),
            )
            if limit is not None
        ]
        part = percent(held.share * 100, 2) if held.share is not None else ""
        click.echo(f"{name[:66]:<66} {part:>7}  {'; '.join(limits)}")


def _print_sign_ins(settings: Settings) -> None:
    path = settings.data_folder / "sign-ins.json"
    if not path.exists():
        return
    click.echo()
    click.secho("Sign-ins (everyone is invented)", bold=True)
    for row in json.loads(path.read_text(encoding="utf-8")):
        click.echo(f"{row['role']:<28} {row['email']:<44} {row['password']}")
    click.echo()
