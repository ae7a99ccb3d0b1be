"""How firmly the award stands: which single changes of the record would move a lot."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.award import queries, services
from commissioning.award.forms import RobustnessForm, StartForm
from commissioning.award.views.frame import award_facts, blueprint
from commissioning.identity import queries as identities
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, real_clock, requires
from commissioning.web.errors import shown_on


@blueprint.route("/award/robustness", methods=["GET", "POST"])
@requires(Permission.AWARD_STUDY_ROBUSTNESS)
def robustness(reference: str) -> ResponseReturnValue:
    """Start a study of the award, see how far it is, and read what it found."""
    competition, run, facts = award_facts(reference, clock().now())
    require(current_actor(), Permission.AWARD_STUDY_ROBUSTNESS, facts)
    if run is None:
        raise NotFound
    form = RobustnessForm(data={"furthest": 5})
    if form.validate_on_submit():
        with shown_on(form):
            services.study_robustness(
                current_actor(),
                reference,
                form.furthest.data or 0,
                clock=clock(),
                real_clock=real_clock(),
            )
            flash("The study has begun. This page shows how far it is.")
            return redirect(url_for(".robustness", reference=reference), 303)
    standing = queries.study_standing(competition, run, real_clock().now())
    progress, shown = standing.progress, standing.shown
    page = render_template(
        "award/robustness.html",
        competition=competition,
        run=run,
        form=form,
        start_form=StartForm(),
        standing=standing,
        progress=progress,
        people=identities.names_of([progress.asked_by] if progress else []),
        shown=shown,
        marks=None if shown is None else _marks(shown),
        prices=None if shown is None else _prices(shown),
    )
    return page, form.status


def _marks(shown: queries.StudyShown) -> listing.Listing[queries.MarkRow]:
    return listing.of(
        shown.marks,
        sorts={
            "lot": lambda row: (row.lot, row.bidder, row.question),
            "bidder": lambda row: (row.bidder, row.lot, row.question),
            "question": lambda row: (row.question, row.lot, row.bidder),
        },
        default="lot",
        prefix="marks-",
    )


def _prices(shown: queries.StudyShown) -> listing.Listing[queries.PriceRow]:
    return listing.of(
        shown.prices,
        sorts={
            "part": lambda row: row.part,
            "pence": lambda row: row.difference_pence,
            "lot": lambda row: (row.lot, row.part),
            "bidder": lambda row: (row.bidder, row.lot),
        },
        default="part",
        prefix="prices-",
    )
