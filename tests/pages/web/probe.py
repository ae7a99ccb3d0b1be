"""Pages of no context, for tests of the shell itself."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template_string
from sqlalchemy import select

from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage, post
from commissioning.kernel import errors
from commissioning.kernel.actor import Actor, Grant, Role
from commissioning.permissions import Permission
from commissioning.web import listing
from commissioning.web.access import clock, current_actor, public, requires, signed_in
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form, TextField, UploadField

LEAD = Actor(
    "USR-LEAD",
    "Ada <Lead>",
    "ORG-AUTHORITY",
    frozenset({Grant(Role.PROCUREMENT_LEAD, "ORG-AUTHORITY")}),
)
BIDDER = Actor(
    "USR-BIDDER", "Bo Bidder", "ORG-BIDDER", frozenset({Grant(Role.BID_MANAGER, "ORG-BIDDER")})
)

EVIL = """<script>alert(1)</script> & "quoted" 'so'"""

FORM_PAGE = """
{% extends "layouts/base.html" %}
{% from "components/forms.html" import form_page %}
{% block title %}A form{% endblock %}
{% block content %}<h1>A form</h1>{{ form_page(form) }}{% endblock %}
"""


class WordForm(Form):
    word = TextField("Word", required="Enter a word.")


class FileForm(Form):
    word = TextField("Word", required="Enter a word.")
    file = UploadField("File", required="Choose a file.", extensions=("txt",))


def write(subject: str) -> None:
    """Leave something that only a commit keeps."""
    post("somebody@example.org", subject, "", at=clock().now())
    db.session.flush()


def written(app) -> list[str]:
    """The subjects that were kept."""
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage.subject)))


def probe_blueprint() -> Blueprint:
    blueprint = Blueprint("probe", __name__, url_prefix="/probe")

    @blueprint.get("/undeclared")
    def undeclared():
        return "never seen"

    @blueprint.get("/public")
    @public
    def open_page():
        return current_actor().reference

    @blueprint.get("/signed-in")
    @signed_in
    def own_page():
        return current_actor().name

    @blueprint.route("/lead", methods=["GET", "POST"])
    @requires(Permission.COMPETITION_CREATE)
    def lead_page():
        write("lead page")
        return "lead"

    @blueprint.get("/either")
    @requires(Permission.COMPETITION_CREATE, Permission.IDENTITY_INVITE_PEOPLE)
    def either_page():
        return "either"

    @blueprint.get("/recorded")
    @requires(Permission.COMPETITION_CREATE, records=True)
    def recorded_page():
        write("a reading")
        return "read"

    @blueprint.get("/components")
    @public
    def components_page():
        return components()

    add_forms(blueprint)
    add_answers(blueprint)
    return blueprint


def components() -> str:
    """A page with every component, each given text that wants to be markup."""
    rows = [{"name": f"n{number:02d}", "size": number * 10**9} for number in range(30)]
    tiles = [
        {
            "column": 1 + number % 6,
            "row": 1 + number // 6,
            "code": f"C{number:02d}",
            "label": EVIL,
            "value": "£65m",
            "colour": number if number < 24 else None,
        }
        for number in range(25)
    ]
    return render_template_string(
        (Path(__file__).parent / "components.html").read_text(encoding="utf-8"),
        evil=EVIL,
        now=clock().now(),
        form=WordForm(),
        tiles=[{**tile, "href": "/"} for tile in tiles],
        plain_tiles=tiles,
        listing=listing.of(
            rows,
            sorts={"name": lambda row: row["name"], "size": lambda row: row["size"]},
            default="name",
            per_page=5,
        ),
    )


def add_forms(blueprint: Blueprint) -> None:
    @blueprint.route("/form", methods=["GET", "POST"])
    @public
    def form_page():
        form = WordForm()
        if form.validate_on_submit():
            with shown_on(form):
                write(form.word.data)
                refuse(form.word.data)
                return "taken", 200
            write(f"after {form.word.data}")
        return render_template_string(FORM_PAGE, form=form), form.status

    @blueprint.route("/file", methods=["GET", "POST"])
    @public
    def file_page():
        form = FileForm()
        if form.validate_on_submit():
            return f"{form.file.data.filename} {form.file.data.size}"
        return render_template_string(FORM_PAGE, form=form), form.status


def add_answers(blueprint: Blueprint) -> None:
    @blueprint.get("/raise/<name>")
    @public
    def raise_page(name):
        write(f"before {name}")
        refuse(name)
        return "nothing was raised"

    @blueprint.get("/status/<int:status>")
    @public
    def status_page(status):
        write(f"status {status}")
        return "answer", status


def refuse(name: str) -> None:
    """Raise what a name asks for."""
    raised = {
        "absent": errors.NotFound(),
        "forbidden": errors.Forbidden("submission:price_envelope:read", "too early"),
        "illegal": errors.IllegalTransition("It is not open any more."),
        "conflict": errors.Conflict("Somebody was quicker."),
        "bad": errors.BadInput("word", "That word is taken."),
        "unplaced": errors.BadInput("no_such_field", "Something else is wrong."),
        "bads": errors.BadInputs([("word", "First."), ("word", "Second.")]),
        "locked": errors.KeyLocked(),
        "broken": ZeroDivisionError("the secret cause"),
    }
    if name in raised:
        raise raised[name]
