"""The application: every context put together, and the web shell given what it needs of them.

This is the only module that knows all contexts at once. A context is added by a line in
`BLUEPRINTS`, and where it has them in `NAVIGATION` and `WAITING`.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Flask, url_for
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from commissioning import __version__, paths
from commissioning.audit.domain.events import PLATFORM_STREAM, Event, Subject
from commissioning.audit.services import record
from commissioning.award import queries as award_queries
from commissioning.award import views as award
from commissioning.award.domain.lifecycle import TABLE as AWARD_LIFECYCLE
from commissioning.award.domain.work import TABLE as WORK_LIFECYCLE
from commissioning.competition import queries as competition_queries
from commissioning.competition import views as competition
from commissioning.competition.domain.lifecycle import LOT_TABLE as LOT_LIFECYCLE
from commissioning.competition.domain.lifecycle import TABLE as COMPETITION_LIFECYCLE
from commissioning.config import Settings, read_settings
from commissioning.evaluation import queries as evaluation_queries
from commissioning.evaluation import views as evaluation
from commissioning.evaluation.domain.lifecycle import CONSENSUS_TABLE as CONSENSUS_LIFECYCLE
from commissioning.evaluation.domain.lifecycle import SHEET_TABLE as SHEET_LIFECYCLE
from commissioning.identity import queries as identity_queries
from commissioning.identity import services as identity_services
from commissioning.identity import views as identity
from commissioning.infrastructure import documents, passwords, scanner, signing, vault, workers
from commissioning.infrastructure.database import db, engine_options, prepare_engine
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock, SystemClock
from commissioning.kernel.errors import Forbidden, IllegalTransition, MoveRefused, NotFound
from commissioning.kernel.lifecycle import Table
from commissioning.permissions import Permission
from commissioning.submission import queries as submission_queries
from commissioning.submission import views as submission
from commissioning.submission.domain.lifecycle import BID_TABLE as BID_LIFECYCLE
from commissioning.submission.domain.lifecycle import RESPONSE_TABLE as RESPONSE_LIFECYCLE
from commissioning.web import (
    access,
    addresses,
    dashboard,
    errors,
    filters,
    kept,
    navigation,
    pages,
    palette,
    security,
    shell,
    transaction,
)
from commissioning.web.shell import Banner, Card, NavigationItem, Shell, SignedIn, WaitingList
from commissioning.web.uploads import BoundedRequest

MEBIBYTE = 1024 * 1024
LARGEST_BODY_READ = 2048 * MEBIBYTE
"""A body is read, and dropped, up to here, so that a file that is too large can be named beside
its field; what is kept in memory is bounded by the settings."""

BLUEPRINTS: tuple[Blueprint, ...] = (
    pages.blueprint,
    dashboard.blueprint,
    identity.blueprint,
    competition.blueprint,
    submission.blueprint,
    evaluation.blueprint,
    award.blueprint,
)

NAVIGATION: tuple[NavigationItem, ...] = (
    NavigationItem("Waiting for you", "dashboard.home", blueprint="dashboard"),
    NavigationItem("Competitions", "competition.index", public=True, blueprint="competition"),
    NavigationItem(
        "Your tenders",
        "submission.tenders",
        permissions=(Permission.SUBMISSION_READ_OWN_PQQ, Permission.SUBMISSION_READ_OWN_BID),
        blueprint="submission",
    ),
    NavigationItem(
        "Requests for help",
        "submission.help_queue",
        permissions=(Permission.SUBMISSION_ANSWER_HELP,),
    ),
    NavigationItem(
        "Your organisation",
        "identity.own_organisation",
        permissions=(Permission.IDENTITY_READ_ORGANISATION,),
    ),
    NavigationItem(
        "Organisations",
        "identity.organisations",
        permissions=(Permission.IDENTITY_SUSPEND_SIGN_IN,),
    ),
    NavigationItem(
        "Outages",
        "submission.failing_service",
        permissions=(Permission.COMPETITION_RECORD_OUTAGE,),
    ),
    NavigationItem("Your account", "identity.account"),
)

WAITING: tuple[WaitingList, ...] = (
    identity_queries.waiting_to_be_sent,
    identity_queries.waiting_for,
    competition_queries.waiting_for,
    submission_queries.waiting_for,
    evaluation_queries.waiting_for,
    award_queries.waiting_for,
)

LIFECYCLES: tuple[Table, ...] = (
    COMPETITION_LIFECYCLE,
    LOT_LIFECYCLE,
    RESPONSE_LIFECYCLE,
    BID_LIFECYCLE,
    SHEET_LIFECYCLE,
    CONSENSUS_LIFECYCLE,
    AWARD_LIFECYCLE,
    WORK_LIFECYCLE,
)
"""Every lifecycle that has a table, for the command that prints them."""

FRONT_PAGE: tuple[Card, ...] = (
    Card(
        "Competitions",
        "Every published competition: timetable, lots, rules, documents, and how to check them.",
        "competition.index",
    ),
    Card(
        "Register an organisation",
        "For bidders, providers and public bodies: registered once, under one number.",
        "identity.register",
    ),
    Card(
        "If the service fails",
        "How far a deadline moves when the service does not work before it, and every outage.",
        "submission.failing_service",
    ),
    Card(
        "Who may do what",
        "The table of permissions that the service itself obeys, with every condition.",
        "pages.permissions",
    ),
)


def create_app(
    settings: Settings, clock: Clock | None = None, real_clock: Clock | None = None
) -> Flask:
    """The whole platform on the settings of one installation.

    `clock` is the clock of business, `real_clock` that of sessions and throttles; both are the
    machine's by default. Raises RuntimeError when the database may lose what it acknowledged.
    """
    app = Flask("commissioning", static_folder="static")
    app.request_class = BoundedRequest
    _configure(app, settings)
    _prepare_stores(app, settings)
    _prepare_templates(app)
    business, real = clock or SystemClock(), real_clock or SystemClock()
    shell.init_app(
        app,
        Shell(
            clock=business,
            real_clock=real,
            load_user=lambda token: _load_user(real, token),
            record_denial=lambda actor, error, where: _record_denial(business, actor, error, where),
            keep_entries=lambda token, address, entries: identity_services.keep_entries(
                token, address, entries, real_clock=real
            ),
            forget_entries=_forget_entries,
            navigation=NAVIGATION,
            waiting=WAITING,
            front_page=FRONT_PAGE,
            banner=lambda: _banner(settings, business),
            base_url=settings.base_url,
        ),
    )
    # The order of a request: where from, in what transaction, by whom, and is the form ours.
    security.init_app(app, is_https=settings.is_served_over_https)
    transaction.init_app(app)
    access.init_app(app)
    kept.init_app(app)
    CSRFProtect(app)
    errors.init_app(app)
    addresses.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.public(app.view_functions["static"])
    return app


def from_environment() -> Flask:
    """The platform on the settings of the environment, for a server that is not our own.

    Raises ConfigurationError with a sentence that says what to set.
    """
    return create_app(read_settings(os.environ, default_data_folder=paths.default_data_folder()))


def _configure(app: Flask, settings: Settings) -> None:
    app.testing = settings.is_testing
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=max(LARGEST_BODY_READ, settings.max_request_bytes),
        MAX_PLAIN_BODY_BYTES=settings.max_form_bytes,
        MAX_KEPT_UPLOAD_BYTES=settings.max_request_bytes,
        MAX_FILE_BYTES=settings.max_document_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_form_bytes,
        MAX_FORM_PARTS=settings.max_form_parts,
        # A token lasts as long as the session: whoever writes for two hours loses nothing.
        WTF_CSRF_TIME_LIMIT=None,
        # Some browsers send no Referer. The token and the Origin header are checked always.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.config["COMMISSIONING"] = settings


def _prepare_stores(app: Flask, settings: Settings) -> None:
    vault.configure(settings.secret_key)
    signing.configure(settings.secret_key, settings.earlier_receipt_keys)
    passwords.configure(settings.password_hashing)
    scanner.configure(settings.clamd)
    workers.configure(None if settings.is_testing else settings.as_environment())
    documents.configure(documents.LocalDocumentStore(settings.documents_folder))
    db.init_app(app)
    Migrate(app, db, directory=str(paths.migrations()))
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)


def _prepare_templates(app: Flask) -> None:
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(paths.templates()),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    filters.init_app(app)
    palette.init_app(app)
    navigation.init_app(app)
    app.jinja_env.globals["platform_version"] = __version__
    versions = _versions_of(Path(str(app.static_folder)))
    app.add_template_global(
        lambda name: url_for("static", filename=name, v=versions[name]), "asset_url"
    )


def _versions_of(folder: Path) -> dict[str, str]:
    """The first signs of each static file's hash, so that a browser may keep the file for good."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".css", ".js", ".py", ".svg"}
    }


def _load_user(real_clock: Clock, token: str) -> SignedIn | None:
    found = identity_services.session_for_token(token, real_clock=real_clock)
    return None if found is None else SignedIn(found.actor, found.ends_at)


def _forget_entries(reference: str) -> None:
    """What was sent again is kept no more; whoever clicked twice has forgotten it already."""
    with suppress(NotFound):
        identity_services.discard_kept(access.current_actor(), reference)


def _record_denial(
    clock: Clock, actor: Actor, error: Forbidden | IllegalTransition | MoveRefused, where: str
) -> None:
    """A refusal leaves its record: who asked for what, where, and which rule said no."""
    permission = error.permission if isinstance(error, Forbidden) else None
    if isinstance(error, Forbidden):
        subject, reason = Subject("permission", error.permission), error.reason
    else:
        subject, reason = Subject("move", "refused"), error.sentence
    record(
        actor,
        Event.DENIED,
        subject,
        {"where": where[:300], "reason": reason},
        at=clock.now(),
        stream=submission_queries.denial_stream(actor, permission, where) or PLATFORM_STREAM,
    )


def _banner(settings: Settings, clock: Clock) -> Banner | None:
    if not settings.is_demo:
        return None
    return Banner(
        "Demonstration",
        "Bidders, people, prices and marks here are invented. The clock stands at "
        f"{filters.moment(clock.now())}.",
    )
