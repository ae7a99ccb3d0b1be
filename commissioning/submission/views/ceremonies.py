"""The opening keys and their rehearsal, and the openings, as those who hold keys see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.kernel.stage import Stage
from commissioning.permissions import Facts, Permission, may
from commissioning.submission import queries, services
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.forms import PlainForm
from commissioning.submission.views.frame import blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

_URL = "/competitions/<string:reference>"
_PREPARE = Permission.SUBMISSION_PREPARE_KEYS
_REHEARSE = Permission.SUBMISSION_HOLD_REHEARSAL
_OPEN = {
    Envelope.QUALITY: Permission.SUBMISSION_OPEN_QUALITY,
    Envelope.PRICE: Permission.SUBMISSION_OPEN_PRICE,
}


def _readable(reference: str) -> tuple[Competition, Facts]:
    now = clock().now()
    competition = competitions.readable_competition(current_actor(), reference, now=now)
    return competition, competitions.facts(competition, now)


def _shown(template: str, competition: Competition, **more: Any) -> str:
    replacement = queries.open_replacement(competition)
    people = {
        *competitions.key_holders(competition),
        *queries.share_holders(competition),
        *([replacement.joining, replacement.proposed_by] if replacement else []),
        *([replacement.approved_by] if replacement and replacement.approved_by else []),
    }
    return render_template(
        f"submission/{template}.html",
        competition=competition,
        needed=competitions.key_holders_needed(competition),
        people=identities.names_of(sorted(people)),
        **more,
    )


@blueprint.get(f"{_URL}/opening-keys")
@requires(_PREPARE, _REHEARSE, Permission.COMPETITION_READ)
def opening_keys(reference: str) -> ResponseReturnValue:
    return keys_page(reference, PlainForm())


def keys_page(reference: str, form: PlainForm) -> ResponseReturnValue:
    """The page of the opening keys, with what went wrong in one of its forms."""
    competition, facts = _readable(reference)
    actor = current_actor()
    ceremony = queries.ceremony(competition, Envelope.QUALITY, "rehearsal")
    prepared = queries.opening_keys(competition) if competition.opening_keys_sha256 else {}
    replacement = queries.open_replacement(competition)
    renewal = queries.ceremony(competition, Envelope.QUALITY, "renewal")
    page = _shown(
        "opening_keys",
        competition,
        form=form,
        keys=prepared,
        ceremony=ceremony,
        may_prepare=may(actor, _PREPARE, facts) and not prepared,
        may_join=may(actor, _REHEARSE, facts)
        and bool(prepared)
        and actor.reference not in ceremony.joined,
        rehearsed_by=_present_at_rehearsal(competition),
        holdings=queries.holdings(competition),
        replacement=replacement,
        renewal=renewal,
        may_replace=may(actor, Permission.SUBMISSION_REPLACE_HOLDER, facts),
        may_approve=replacement is not None
        and replacement.approved_by is None
        and may(
            actor,
            Permission.SUBMISSION_APPROVE_REPLACEMENT,
            replace(facts, proposer=replacement.proposed_by),
        ),
        may_renew=replacement is not None
        and replacement.approved_by is not None
        and may(actor, Permission.SUBMISSION_RENEW_SHARES, facts)
        and actor.reference not in renewal.joined,
    )
    return page, form.status


def _present_at_rehearsal(competition: Competition) -> list[str]:
    """The names of those who held the rehearsal, whoever holds the shares now."""
    present = [
        row.holder for row in queries.attendances(competition, Envelope.QUALITY, "rehearsal")
    ]
    return list(identities.names_of(present).values())


@blueprint.post(f"{_URL}/opening-keys/prepare")
@requires(_PREPARE)
def prepare_keys(reference: str) -> ResponseReturnValue:
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.prepare_opening_keys(current_actor(), reference, clock=clock())
            flash("The opening keys are prepared. The key holders can now rehearse.")
            return redirect(url_for(".opening_keys", reference=reference), 303)
    return keys_page(reference, form)


@blueprint.post(f"{_URL}/opening-keys/rehearse")
@requires(_REHEARSE)
def join_rehearsal(reference: str) -> ResponseReturnValue:
    form = PlainForm()
    if form.validate_on_submit():
        with shown_on(form):
            ceremony = services.join_rehearsal(current_actor(), reference, clock=clock())
            flash(
                "The rehearsal is done: an envelope of each kind was sealed and opened."
                if ceremony.is_met
                else "You have joined the rehearsal."
            )
            return redirect(url_for(".opening_keys", reference=reference), 303)
    return keys_page(reference, form)


@blueprint.get(f"{_URL}/opening")
@requires(*_OPEN.values(), Permission.COMPETITION_READ)
def opening(reference: str) -> ResponseReturnValue:
    return _opening_page(reference, PlainForm())


def _opening_page(reference: str, form: PlainForm) -> ResponseReturnValue:
    competition, facts = _readable(reference)
    actor = current_actor()
    ceremonies = {
        envelope: queries.ceremony(competition, envelope, "opening") for envelope in Envelope
    }
    is_undecided = queries.has_undecided_late_bid(competition)
    is_holder = Role.KEY_HOLDER in actor.roles_on(competition.reference)
    may_read_late = may(actor, Permission.SUBMISSION_READ_LATE_BID_PROPOSALS, facts)
    page = _shown(
        "opening",
        competition,
        form=form,
        ceremonies=ceremonies,
        Stage=Stage,
        is_holder=is_holder,
        may_join={
            envelope: may(actor, _OPEN[envelope], facts)
            and actor.reference not in ceremony.joined
            and not (is_undecided and envelope is Envelope.QUALITY)
            for envelope, ceremony in ceremonies.items()
        },
        late_bid_waits=services.LATE_BID_WAITS
        if is_undecided
        and competition.stage == Stage.ITN_CLOSED.value
        and (is_holder or may_read_late)
        else None,
        may_read_late=may_read_late,
        results={envelope: _result(competition, envelope) for envelope in Envelope},
    )
    return page, form.status


def _result(competition: Competition, envelope: Envelope) -> dict[str, Any] | None:
    """What an opening found, from the moment it has happened."""
    bids = queries.submitted_bids(competition, envelope)
    if not bids:
        return None
    unreadable = queries.unreadable_bids(competition, envelope)
    return {"bids": len(bids), "unreadable": unreadable}


@blueprint.post(f"{_URL}/opening/<string:envelope>")
@requires(*_OPEN.values())
def join_opening(reference: str, envelope: str) -> ResponseReturnValue:
    form = PlainForm()
    which = next((one for one in Envelope if one.value == envelope), None)
    if which is None:
        raise NotFound
    if form.validate_on_submit():
        with shown_on(form):
            ceremony = services.join_opening(current_actor(), reference, which, clock=clock())
            if ceremony.is_done:
                flash(f"The {which.value} envelopes are open.")
            elif not ceremony.is_met:
                flash(f"You have joined the opening of the {which.value} envelopes.")
            return redirect(url_for(".opening", reference=reference), 303)
    return _opening_page(reference, form)
