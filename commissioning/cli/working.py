"""Keeping the row of what is solved in the background, from taking it up to its end."""

from __future__ import annotations

import os

from flask import Flask

from commissioning import paths
from commissioning.app import create_app
from commissioning.award.services import fail_work, finish_work, note_progress, take_up_work
from commissioning.cli.bounds import SECONDS_BETWEEN_SIGNS, Bounds
from commissioning.cli.installation import demonstration_clock
from commissioning.cli.solver import Solver
from commissioning.config import read_settings
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import Clock, SystemClock
from commissioning.kernel.errors import NotFound


def worker_site() -> tuple[Flask, Clock]:
    """The application on the settings that the site handed over, with its clock of business."""
    settings = read_settings(os.environ, default_data_folder=paths.default_data_folder())
    clock: Clock = demonstration_clock(settings) if settings.is_demo else SystemClock()
    return create_app(settings, clock=clock), clock


def run_work(
    app: Flask,
    reference: str,
    bounds: Bounds,
    *,
    clock: Clock,
    real_clock: Clock | None = None,
) -> bool:
    """Solve what waits under a reference, in a process of its own; whether an answer was kept.

    Whatever happens to that process, the row ends with a sentence that says it.
    """
    real = real_clock or SystemClock()
    with app.app_context():
        try:
            return _run(reference, bounds, clock, real)
        except BaseException:
            # What is not settled is found silent later, and ended then, with a record of it.
            db.session.rollback()
            raise


def _run(reference: str, bounds: Bounds, clock: Clock, real: Clock) -> bool:
    try:
        task = take_up_work(reference, clock=clock, real_clock=real)
    except NotFound:
        task = None
    db.session.commit()
    if task is None:
        return False
    solver = Solver(
        {
            "kind": task.kind.value,
            "problem": task.problem,
            "margin_ppm": task.margin_ppm,
            "details": task.details,
        },
        bounds,
    )
    try:
        if not _is_watched_to_its_end(solver, reference, real):
            return False
    finally:
        solver.end()
    if solver.answer is None:
        kept = fail_work(reference, solver.why_not(), clock=clock, real_clock=real)
    else:
        kept = finish_work(reference, solver.answer, clock=clock, real_clock=real)
    db.session.commit()
    return kept.answer is not None


def _is_watched_to_its_end(solver: Solver, reference: str, real: Clock) -> bool:
    """Wait for the solver, with a sign of life each second; False where nobody wants it more."""
    while solver.is_running_after(SECONDS_BETWEEN_SIGNS):
        is_wanted = note_progress(reference, solver.done, solver.total, real_clock=real)
        db.session.commit()
        if not is_wanted:
            return False
        if solver.is_overdue:
            solver.end()
    return True
