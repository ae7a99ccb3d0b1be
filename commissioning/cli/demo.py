"""`commissioning demo` and `seed`: replay a scenario, print what came of it, and serve the site."""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import timedelta

import click
from flask import Flask

from commissioning import paths
from commissioning.app import create_app
from commissioning.cli.installation import (
    STATE_FILE,
    demonstration_clock,
    read_state,
    settings_of_demonstration,
    upgrade,
    write_state,
)
from commissioning.cli.report import print_report
from commissioning.cli.site import is_free, serve_site
from commissioning.config import Settings
from commissioning.infrastructure import outbox
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock, SystemClock
from commissioning.kernel.stage import Stage
from commissioning.replay.scenario import read_scenario
from commissioning.replay.story import LAST_STAGE, Story

SCENARIO = "transforming-rehabilitation"
_STAGES = [stage.value for stage in Stage if stage.is_at_or_after(Stage.DRAFT)]


@click.command()
@click.option("--stage", type=click.Choice(_STAGES), default=LAST_STAGE.value, show_default=True)
@click.option("--fresh", is_flag=True, help="Start over, whatever was replayed before.")
@click.option("--no-serve", is_flag=True, help="Stop before the site is served.")
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def demo(*, stage: str, fresh: bool, no_serve: bool, port: int) -> None:
    """Replay the Transforming Rehabilitation competition, print its awards, and serve the site.

    The same stage is reused where it has been replayed before; another stage starts over.
    """
    if not no_serve and not is_free(port):
        raise click.ClickException(f"Port {port} is taken. Choose another one with --port.")
    settings = settings_of_demonstration()
    state = read_state(settings)
    if fresh or state is None or state["stage"] != stage:
        settings = _emptied(settings)
        _replay(settings, Stage(stage))
    clock = demonstration_clock(settings)
    app = create_app(settings, clock=clock)
    with app.app_context():
        print_report(settings)
    if not no_serve:
        serve_site(app, port=port)


@click.command()
@click.argument("name", type=click.Choice([SCENARIO]))
@click.option("--stage", type=click.Choice(_STAGES), default=LAST_STAGE.value, show_default=True)
def seed(*, name: str, stage: str) -> None:
    """Load a scenario of `seed/` through the services, into the demonstration's own folder."""
    settings = _emptied(settings_of_demonstration())
    _replay(settings, Stage(stage))
    click.echo(f"{name} stands at {Stage(stage).label} in {settings.data_folder}.")


def _emptied(settings: Settings) -> Settings:
    """The demonstration's folder as it was before anything ran; only what a replay writes goes."""
    for name in (STATE_FILE, "commissioning.sqlite3", "sign-ins.json"):
        for path in settings.data_folder.glob(f"{name}*"):
            path.unlink()
    for folder in (settings.documents_folder, settings.outbox_folder):
        shutil.rmtree(folder, ignore_errors=True)
    return settings


def _replay(settings: Settings, until: Stage) -> None:
    scenario = read_scenario(paths.seed() / SCENARIO)
    clock = SetClock(scenario.act("set_up"))
    app = create_app(settings, clock=clock)
    began = time.monotonic()
    with app.app_context():
        upgrade(app)
        story = Story(scenario, clock, SystemClock())
        for step in story.until(until):
            db.session.commit()
            _show(step.name, step.done, step.total, time.monotonic() - began)
        db.session.commit()
        outbox.deliver_to_folder(settings.outbox_folder, at=clock.now())
        db.session.commit()
        (settings.data_folder / "sign-ins.json").write_text(
            json.dumps(story.sign_ins(), indent=1, ensure_ascii=False), encoding="utf-8"
        )
    clock.advance(timedelta(hours=1))
    click.echo(f"\rReplayed in {time.monotonic() - began:.0f} seconds.{' ' * 50}", err=True)
    write_state(
        settings,
        {
            "scenario": SCENARIO,
            "stage": until.value,
            "business_time": clock.now().isoformat(),
            "real_time": SystemClock().now().isoformat(),
        },
    )
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _show(name: str, done: int, total: int, seconds: float) -> None:
    """One line that renews itself on a terminal, and one line a step elsewhere."""
    if sys.stderr.isatty():
        width = 24 * done // max(total, 1)
        bar = "█" * width + "·" * (24 - width)
        click.echo(f"\r{bar} {seconds:4.0f} s  {name[:50]:<50}", err=True, nl=False)
    elif done == total:
        click.echo(f"{seconds:4.0f} s  {name}", err=True)
