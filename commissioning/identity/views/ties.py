"""What an organisation is to others: owners, what it owns, consortia and their members."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from commissioning.identity import queries, services
from commissioning.identity.domain.ties import TieKind
from commissioning.identity.forms import MemberForm, OwnershipForm
from commissioning.identity.models import Organisation
from commissioning.identity.views.blueprint import blueprint
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form

_PPM_OF_PERCENT = 10_000
_OVER = "The tie is taken back, and the other organisation has been told."
_ASKED = "You have asked to end the tie. It counts until the other organisation agrees."
_ANSWERS = {
    "confirm": (
        services.confirm_tie,
        "The tie is confirmed. It counts from now on, and the other organisation has been told.",
    ),
    "refuse": (
        services.refuse_tie,
        "The tie is refused. It does not count, and the other organisation has been told.",
    ),
    "keep": (
        services.keep_tie,
        "The tie goes on, and the other organisation has been told.",
    ),
}


def _editable(reference: str) -> Organisation:
    found = queries.readable_organisation(current_actor(), reference)
    require(current_actor(), Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found))
    return found


def _back(reference: str) -> ResponseReturnValue:
    return redirect(url_for("identity.ties", reference=reference), 303)


@blueprint.get("/organisations/<string:reference>/ties")
@requires(Permission.IDENTITY_READ_ORGANISATION)
def ties(reference: str) -> str:
    found = queries.readable_organisation(current_actor(), reference)
    return render_template(
        "identity/ties.html",
        organisation=found,
        ties=queries.ties_of(found),
        standing_of=lambda row: queries.standing_of(row, found),
        may_edit=may(current_actor(), Permission.IDENTITY_EDIT_ORGANISATION, queries.facts(found)),
        token_form=Form(),
    )


@blueprint.route("/organisations/<string:reference>/ownership/new", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def add_ownership(reference: str) -> ResponseReturnValue:
    found = _editable(reference)
    form = OwnershipForm()
    if form.validate_on_submit():
        with shown_on(form):
            other = services.other_organisation(form.identifier_scheme.data, form.identifier.data)
            pair = (other.reference, reference)
            owner, owned = pair if form.direction.data == "owner" else reversed(pair)
            services.record_ownership(current_actor(), owner, owned, clock=clock())
            flash(f"The tie to {other.name} is declared. It counts when they confirm it.")
            return _back(reference)
    page = render_template("identity/add_ownership.html", form=form, organisation=found)
    return page, form.status


@blueprint.route("/organisations/<string:reference>/members/new", methods=["GET", "POST"])
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def add_member(reference: str) -> ResponseReturnValue:
    found = _editable(reference)
    form = MemberForm()
    if form.validate_on_submit():
        with shown_on(form):
            other = services.other_organisation(form.identifier_scheme.data, form.identifier.data)
            percent = form.share.data
            share = None if percent is None else int(percent * _PPM_OF_PERCENT)
            services.record_consortium_member(
                current_actor(), reference, other.reference, share, clock=clock()
            )
            flash(f"{other.name} is named as a member. It counts when they confirm it.")
            return _back(reference)
    page = render_template("identity/add_member.html", form=form, organisation=found)
    return page, form.status


@blueprint.post(
    "/organisations/<string:reference>/ties/<string:kind>/<string:first>/<string:second>"
    "/<string:answer>"
)
@requires(Permission.IDENTITY_EDIT_ORGANISATION)
def answer_tie(
    reference: str, kind: str, first: str, second: str, answer: str
) -> ResponseReturnValue:
    """What one end says to the other: yes, no, it goes on, or it is over."""
    _editable(reference)
    is_known = kind in set(TieKind) and answer in {*_ANSWERS, "end"}
    if not is_known or reference not in {first, second}:
        raise NotFound
    tie = TieKind(kind), first, second
    if answer == "end":
        is_over = services.end_tie(current_actor(), *tie, clock=clock())
        flash(_OVER if is_over else _ASKED)
    else:
        act, told = _ANSWERS[answer]
        act(current_actor(), *tie, clock=clock())
        flash(told)
    return _back(reference)
