from __future__ import annotations

from datetime import date

import pytest

from commissioning.competition import queries, services
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Forbidden, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.competition import ProgrammeFactory
from tests.factories.identity import AuthorityFactory, PersonFactory, actor_of


@pytest.fixture
def lead(session):
    return PersonFactory(organisation=AuthorityFactory(), roles=[Role.PROCUREMENT_LEAD])


def create(lead, clock, **changes):
    programme = changes.pop("programme", None) or ProgrammeFactory(authority=lead.organisation)
    fields = {
        "programme": programme.reference,
        "reference": "TR-2026",
        "title": "Rehabilitation",
        "commenced_on": date(2026, 3, 2),
        "light_touch": False,
    }
    return services.create_competition(actor_of(lead), **(fields | changes), clock=clock)


def test_lead_sets_up_a_programme_of_the_own_authority(lead, clock, recorded):
    with recorded() as events:
        programme = services.create_programme(
            actor_of(lead),
            authority=lead.organisation.reference,
            name="  Rehabilitation   of offenders ",
            clock=clock,
        )

    assert programme.name == "Rehabilitation of offenders"
    assert programme.authority is lead.organisation
    assert [event.event for event in events] == ["programme_created"]


def test_programme_of_another_authority_is_refused(lead, clock, forbidden):
    other = AuthorityFactory()

    with forbidden(Permission.COMPETITION_CREATE):
        services.create_programme(
            actor_of(lead), authority=other.reference, name="Theirs", clock=clock
        )


def test_programme_needs_a_name(lead, clock, refused):
    with refused(BadInput, field="name", match="Enter the name"):
        services.create_programme(
            actor_of(lead), authority=lead.organisation.reference, name=" ", clock=clock
        )


def test_creator_leads_the_competition_and_no_other(lead, clock, recorded):
    with recorded() as events:
        competition = create(lead, clock, reference=" tr-2026 ")

    assert competition.reference == "TR-2026"
    assert actor_of(lead).roles_on("TR-2026") == {Role.PROCUREMENT_LEAD}
    assert [member.name for member in queries.team(competition)] == [lead.name]
    assert [(event.event, event.stream) for event in events] == [
        ("competition_created", "competition:TR-2026")
    ]


@pytest.mark.parametrize(
    ("commenced_on", "light_touch", "regime"),
    [
        (date(2013, 9, 19), True, "pcr_2006_part_b"),
        (date(2020, 1, 6), False, "pcr_2015"),
        (date(2026, 3, 2), False, "pa_2023"),
        (date(2026, 3, 2), True, "pa_2023_light_touch"),
    ],
)
def test_law_is_that_of_the_day_on_which_the_procurement_started(
    lead, clock, commenced_on, light_touch, regime
):
    competition = create(lead, clock, commenced_on=commenced_on, light_touch=light_touch)

    assert competition.regime == regime
    assert competition.price_base_year == commenced_on.year


def test_law_can_be_named_where_it_governed_that_day(lead, clock, refused):
    programme = ProgrammeFactory(authority=lead.organisation)
    named = create(lead, clock, programme=programme, regime="pa_2023_light_touch")
    assert named.regime == "pa_2023_light_touch"

    with refused(BadInput, field="commenced_on"):
        create(lead, clock, programme=programme, reference="TR-2", regime="pcr_2015")
    with refused(BadInput, field="regime"):
        create(lead, clock, programme=programme, reference="TR-3", regime="roman_law")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": "TR 2026"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "-TR"}, "reference"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "Re\u200bhabilitation"}, "title"),
        ({"commenced_on": None}, "commenced_on"),
        ({"commenced_on": date(1999, 1, 1)}, "commenced_on"),
        ({"profile": "tiny"}, "profile"),
    ],
)
def test_what_is_typed_wrongly_is_named_at_its_field(lead, clock, refused, changes, field):
    programme = ProgrammeFactory(authority=lead.organisation)

    with refused(field=field):
        create(lead, clock, programme=programme, **changes)


def test_reference_is_used_once(lead, clock, refused):
    programme = ProgrammeFactory(authority=lead.organisation)
    create(lead, clock, programme=programme)

    with refused(BadInput, field="reference", match="cannot be used"):
        create(lead, clock, programme=programme)


def test_competition_in_another_authority_is_refused(lead, clock, forbidden):
    theirs = ProgrammeFactory()

    with forbidden(Permission.COMPETITION_CREATE):
        create(lead, clock, programme=theirs)


def test_unknown_programme_looks_like_a_forbidden_one(lead, clock, refused):
    with refused(NotFound) as absent:
        services.create_competition(
            actor_of(lead),
            programme="PRG-NOWHERE",
            reference="X",
            title="X",
            commenced_on=date(2026, 3, 2),
            light_touch=True,
            clock=clock,
        )

    assert absent.value.sentence == Forbidden("permission", "reason").sentence


def test_particulars_change_until_the_notice(clock, session, recorded, forbidden):
    tender = tenders.sound_draft(clock)
    new = {
        "title": "Another title",
        "summary": "More",
        "commenced_on": date(2026, 3, 1),
        "light_touch": True,
        "profile": "full",
    }
    with recorded() as events:
        services.edit_competition(tender.as_lead, tender.reference, **new, clock=clock)
    assert (tender.row.title, tender.row.profile) == ("Another title", "full")
    assert [event.event for event in events] == ["competition_changed"]
    assert events[0].changes["profile"] == ["short", "full"]

    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.edit_competition(tender.as_approver, tender.reference, **new, clock=clock)


def test_particulars_stay_after_the_notice(clock, session, forbidden):
    tender = tenders.pqq_open(clock)

    with forbidden(Permission.COMPETITION_EDIT_NOTICE):
        services.edit_competition(
            tender.as_lead,
            tender.reference,
            title="Too late",
            summary="",
            commenced_on=date(2026, 3, 2),
            light_touch=True,
            profile="short",
            clock=clock,
        )
