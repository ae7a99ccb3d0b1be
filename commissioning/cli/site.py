"""`commissioning serve`, `migrate`, `run-due`, `create-administrator`: running the site."""

from __future__ import annotations

import socket
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask import Flask

from commissioning.award.services import end_silent_work
from commissioning.cli.installation import installation, upgrade
from commissioning.cli.server import server_for
from commissioning.competition.services import probe_service
from commissioning.identity.services import create_operator, prune_kept
from commissioning.infrastructure import discards, outbox
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import Clock, SetClock, SystemClock
from commissioning.submission.services import (
    discard_abandoned,
    note_signing_key,
    pass_deadlines,
)
from commissioning.web.shell import clock as current_clock

_LONDON = ZoneInfo("Europe/London")
_SECONDS_BETWEEN_LOOKS = 2.0
GRACE = timedelta(seconds=60)
"""How long after a deadline its stage closes: longer than a request may wait for the database."""

_THREADS = 8


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def serve(*, host: str, port: int) -> None:
    """Serve the site."""
    app, _clock = installation()
    if app.config["COMMISSIONING"].is_demo and host not in {"127.0.0.1", "localhost", "::1"}:
        raise click.UsageError(
            "A demonstration shows everybody its mail and its passwords, so it is served to this "
            "machine alone."
        )
    serve_site(app, host=host, port=port)


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    app, _clock = installation()
    upgrade(app)
    click.echo("The database is at the newest revision.")


@click.command("create-administrator")
@click.option("--name", prompt=True)
@click.option("--email", prompt=True)
@click.password_option()
def create_administrator(*, name: str, email: str, password: str) -> None:
    """Make the first administrator of a new installation."""
    app, clock = installation()
    with app.app_context():
        create_operator(name=name, email=email, password=password, clock=clock)
        db.session.commit()
    click.echo(f"{email} can sign in as the administrator.")


@click.command("run-due")
@click.option("--at", help="A later moment in London, such as 2026-03-02T12:00; default: now.")
def run_due(*, at: str | None) -> None:
    """Make the moves whose time has come, deliver the outbox, and delete what was discarded.

    Looks first whether the service works; what failed since the last look is an outage, which can
    extend a deadline.
    """
    app, clock = installation()
    moment: Clock = clock
    if at is not None:
        try:
            chosen = datetime.fromisoformat(at)
        except ValueError as error:
            raise click.UsageError(f"{at} is not a moment such as 2026-03-02T12:00.") from error
        if chosen.tzinfo is None:
            chosen = chosen.replace(tzinfo=_LONDON)
        if chosen > clock.now() and not app.config["COMMISSIONING"].is_demo:
            raise click.UsageError(
                "A deadline is passed by the clock alone: a moment that is still to come can be "
                "named in a demonstration only."
            )
        moment = SetClock(chosen)
    with app.app_context():
        if at is None:
            probe(app, moment)
        for line in make_due_moves(app, moment):
            click.echo(line)


@click.command("sweep")
def sweep() -> None:
    """Set documents aside, older than a day, that a crash left before anything named them."""
    app, _clock = installation()
    with app.app_context():
        try:
            number = discards.set_aside_orphans(real_now=SystemClock().now())
        except discards.NotItsStore as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Orphans set aside: {number}")


@click.command("probe")
def probe_once() -> None:
    """Look whether the service takes in what bidders send, and write down since when it did not."""
    app, clock = installation()
    with app.app_context():
        outage = probe(app, clock)
        if outage is not None:
            click.echo(f"An outage is on record: {outage}")


def probe(app: Flask, clock: Clock) -> str | None:
    """Look whether the service works, and write it down; commits. Gives a new outage in words.

    Not in a demonstration, whose clock is not that of the service.
    """
    if app.config["COMMISSIONING"].is_demo:
        return None
    found = probe_service(clock=clock)
    told = None if found is None else f"{found.started_at:%Y-%m-%d %H:%M:%S} UTC, {found.reason}"
    db.session.commit()
    return told


def make_due_moves(app: Flask, clock: Clock) -> list[str]:
    """Make every move whose time has come, deliver the mail, delete what was discarded; commits.

    A stage closes a little after its deadline, so that what was received before the deadline and
    still waits for the database is judged by its own instant and not by the stage. Returns the
    competitions that moved.
    """
    moved = pass_deadlines(clock=clock, grace=GRACE)
    note_signing_key(clock=clock)
    prune_kept(real_clock=SystemClock())
    db.session.commit()
    # a letter that cannot be written must never hold a deadline back
    outbox.deliver_to_folder(app.config["COMMISSIONING"].outbox_folder, at=clock.now())
    db.session.commit()
    end_silent_work(clock=clock, real_clock=SystemClock())
    db.session.commit()
    discard_abandoned(clock=clock)
    db.session.commit()
    discards.delete_discarded()
    db.session.commit()
    return moved


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nothing listens at a port yet."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
        return True


def serve_site(app: Flask, *, host: str = "127.0.0.1", port: int = 5000) -> None:
    """Serve until interrupted; what time must do is looked after meanwhile."""
    stop = threading.Event()
    watch = threading.Thread(target=_watch_the_clock, args=(app, stop), daemon=True)
    watch.start()
    with app.app_context():
        server = server_for(app, current_clock(), host=host, port=port, threads=_THREADS)
    click.echo(f"The site is at http://{host}:{port} - Ctrl+C stops it.")
    try:
        server.run()
    finally:
        stop.set()
        watch.join(timeout=10)


def _watch_the_clock(app: Flask, stop: threading.Event) -> None:
    swept_on = None
    while not stop.wait(_SECONDS_BETWEEN_LOOKS):
        with app.app_context():
            try:
                probe(app, current_clock())
                make_due_moves(app, current_clock())
                today = SystemClock().now().date()
                if swept_on != today:
                    swept_on = today
                    discards.set_aside_orphans(real_now=SystemClock().now())
                    db.session.rollback()  # it only read
            except Exception:
                # The next look tries again; a page must not stop because a deadline move failed.
                db.session.rollback()
                app.logger.exception("A due move failed.")
