"""What people type about an award: reasons."""

from __future__ import annotations

from commissioning.web.fields import Form, ParagraphField, RadiosField


class SolveForm(Form):
    """Asks nothing: the problem is built from the record."""


class RecommendForm(Form):
    """Why the award is recommended."""

    text = ParagraphField(
        "Why do you recommend this award?",
        hint="The approver, the auditor and, in a challenge, the court read this.",
        required="Enter why this award is recommended.",
    )


class DecideForm(Form):
    """Approve, or send back, with the reason."""

    decision = RadiosField(
        "What do you decide?",
        choices=[
            ("approve", "Approve the award"),
            ("send_back", "Send it back", "The commercial officer solves and recommends again."),
        ],
        required="Select whether you approve the award or send it back.",
    )
    reason = ParagraphField("Why?", required="Enter the reason for your decision.")


class AnnounceForm(Form):
    """Asks nothing: the page says what will happen."""
