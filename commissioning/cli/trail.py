"""`commissioning audit`: export a stream of the trail, and verify chains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from commissioning.audit import queries
from commissioning.audit.domain.chain import Break, Link, breaks
from commissioning.audit.domain.events import competition_stream
from commissioning.cli.installation import installation
from commissioning.kernel.canonical import canonical_json


@click.group()
def audit() -> None:
    """Export the trail, and verify that nobody has rewritten it."""


@audit.command()
@click.argument("reference", required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write: one event a line.",
)
def export(reference: str | None, output: Path) -> None:
    """Write the stream of one competition, or every stream, as JSON lines.

    The last lines are the heads, so that a cut tail can be seen in the file as well. Streams of
    sealed bids are left out until their competition's quality envelopes are open.
    """
    app, _clock = installation()
    with app.app_context():
        stream = competition_stream(reference) if reference else None
        heads = queries.heads_to_export(stream)
        if stream is not None and not heads:
            raise click.ClickException(f"There is no competition {reference}, or no event of it.")
        with output.open("wb") as file:
            for name in sorted(heads):
                for link in queries.links(name):
                    file.write(canonical_json(link.to_dict()) + b"\n")
            for name, (length, head) in sorted(heads.items()):
                line = {"head": head, "length": length, "stream": name}
                file.write(canonical_json(line) + b"\n")
    click.echo(f"{sum(length for length, _ in heads.values())} events written to {output}.")


@audit.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def verify(file: Path | None) -> None:
    """Verify the chains of the database, or of an export. Exit code 1 where one is broken."""
    if file is not None:
        found, count = _verify_export(file)
    else:
        app, _clock = installation()
        with app.app_context():
            heads = queries.heads()
            found = breaks(queries.links(), heads=heads)
            count = sum(length for length, _ in heads.values())
    for item in found:
        click.echo(f"BROKEN {item.stream} at {item.position}: {item.sentence}", err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"Whole: {count} events.")


def _verify_export(file: Path) -> tuple[list[Break], int]:
    heads: dict[str, tuple[int, str]] = {}
    count = 0

    def links() -> Iterator[Link]:
        nonlocal count
        for number, line in enumerate(_lines(file), start=1):
            try:
                row: dict[str, Any] = json.loads(line)
                if "head" in row:
                    heads[row["stream"]] = (int(row["length"]), str(row["head"]))
                    continue
                link = Link(**row)
            except (ValueError, TypeError, KeyError) as error:
                raise click.ClickException(f"Line {number} is not an event: {error}") from error
            count += 1
            yield link

    found = breaks(links())
    reached: dict[str, tuple[int, str]] = {}
    for line in _lines(file):
        row = json.loads(line)
        if "head" not in row:
            reached[row["stream"]] = (row["position"], row["hash"])
    found += [
        Break(stream, head[0], f"the head says {head[0]} events, the file ends otherwise")
        for stream, head in heads.items()
        if reached.get(stream) != head
    ]
    found += [
        Break(stream, 0, "the file has no head for this stream")
        for stream in reached
        if stream not in heads
    ]
    return found, count


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as handle:
            for line in handle:
                if line.strip():
                    yield line
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from error
