"""An issued invitation that changes, as tests of bidders need it."""

from __future__ import annotations

from datetime import timedelta

from commissioning.competition import services as competing
from commissioning.kernel.actor import Role
from tests.factories.submission import ITN_DEADLINE

NEW_DEADLINE = ITN_DEADLINE + timedelta(days=8)


def change_invitation(made, *, alters_form=True, deadline=NEW_DEADLINE):
    """Two people publish a new document; a minute passes."""
    lead, approver = made.person(Role.PROCUREMENT_LEAD), made.person(Role.APPROVER)
    drafted = competing.draft_change(
        lead,
        made.reference,
        document=None,
        title="Volumes",
        file_name="volumes.pdf",
        media_type="application/pdf",
        pieces=[b"volumes"],
        summary="The price schedule has a new line.",
        alters_form=alters_form,
        deadline=deadline,
        clock=made.clock,
    )
    decision = competing.propose_change(lead, made.reference, drafted.reference, clock=made.clock)
    competing.approve_change(approver, decision.reference, clock=made.clock)
    made.clock.advance(timedelta(minutes=1))
