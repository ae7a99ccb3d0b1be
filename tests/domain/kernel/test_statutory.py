from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.statutory import (
    RULES,
    USUAL_CIRCUMSTANCES,
    Circumstance,
    Convention,
    NoSuchRule,
    Period,
    Regime,
    Unit,
    earliest_contract_date,
    last_day,
    regime_for,
    rule_for,
)
from commissioning.kernel.working_days import is_working_day, working_days_between

TODAY = date(2026, 11, 20)
anchors = st.dates(date(2025, 3, 1), date(2029, 12, 31))


def standstill(regime=Regime.PA_2023, on=TODAY, **kwargs):
    return rule_for(Period.STANDSTILL, regime, on, **kwargs)


@pytest.mark.parametrize(
    ("published", "last", "earliest"),
    [
        (date(2026, 3, 2), date(2026, 3, 11), date(2026, 3, 12)),
        (date(2026, 3, 12), date(2026, 3, 24), date(2026, 3, 25)),
        (date(2026, 4, 1), date(2026, 4, 14), date(2026, 4, 15)),
        (date(2026, 11, 27), date(2026, 12, 9), date(2026, 12, 10)),
        (date(2026, 3, 7), date(2026, 3, 19), date(2026, 3, 20)),
    ],
    ids=["plain", "northern ireland", "easter", "scotland", "saturday"],
)
def test_standstill_of_the_act_counts_eight_working_days_from_publication(
    published, last, earliest
):
    rule = standstill(on=published)
    assert last_day(published, rule) == last
    assert earliest_contract_date(published, rule) == earliest


def test_provider_selection_standstill_ends_one_day_later_than_that_of_the_act():
    rule = standstill(Regime.PSR_2023, date(2026, 3, 2))
    assert last_day(date(2026, 3, 2), rule) == date(2026, 3, 12)


def test_standstill_of_2015_is_ten_calendar_days_after_and_ends_on_a_working_day():
    rule = standstill(Regime.PCR_2015, date(2020, 1, 6))
    assert last_day(date(2020, 1, 6), rule) == date(2020, 1, 16)
    # Tenth day Friday 10 April 2020 was Good Friday, and Easter Monday followed.
    assert last_day(date(2020, 3, 31), rule) == date(2020, 4, 14)


def test_standstill_of_2015_is_longer_by_other_means():
    rule = standstill(Regime.PCR_2015, date(2020, 1, 6), circumstances=frozenset())
    assert rule.days == 15


def test_part_b_services_of_2013_have_no_enforced_period():
    for period in Period:
        rule = rule_for(period, Regime.PCR_2006_PART_B, date(2013, 9, 19))
        assert not rule.is_enforced
        assert "to be checked by a person" in rule.note
    rule = standstill(Regime.PCR_2006_PART_B, date(2013, 9, 19))
    assert earliest_contract_date(date(2014, 12, 5), rule) == date(2014, 12, 5)


def test_voluntary_standstill_of_the_2014_award_ends_before_its_signature():
    rule = rule_for(Period.VOLUNTARY_STANDSTILL, Regime.PCR_2006_PART_B, date(2013, 9, 19))
    assert last_day(date(2014, 12, 5), rule) == date(2014, 12, 15)


@pytest.mark.parametrize(
    ("circumstances", "days"),
    [
        (frozenset(), 35),
        ({Circumstance.ELECTRONIC}, 30),
        ({Circumstance.ALL_DOCUMENTS_WITH_NOTICE}, 30),
        (USUAL_CIRCUMSTANCES, 25),
        (USUAL_CIRCUMSTANCES | {Circumstance.URGENCY}, 10),
        (USUAL_CIRCUMSTANCES | {Circumstance.DYNAMIC_MARKET}, 10),
        (USUAL_CIRCUMSTANCES | {Circumstance.QUALIFYING_PLANNED_PROCUREMENT_NOTICE}, 10),
        ({Circumstance.SUB_CENTRAL_PRESELECTED_SUPPLIERS}, 10),
        ({Circumstance.SUB_CENTRAL_NEGOTIATED_PERIOD, Circumstance.URGENCY}, 0),
    ],
)
def test_tendering_period_is_the_shortest_row_that_applies(circumstances, days):
    rule = rule_for(Period.TENDERING, Regime.PA_2023, TODAY, frozenset(circumstances))
    assert (rule.days, rule.unit) == (days, Unit.CALENDAR)


def test_participation_period_is_25_days_and_10_in_urgency():
    assert rule_for(Period.PARTICIPATION, Regime.PA_2023, TODAY).days == 25
    urgent = frozenset({Circumstance.URGENCY})
    assert rule_for(Period.PARTICIPATION, Regime.PA_2023, TODAY, urgent).days == 10


def test_deadline_day_is_the_last_day_of_the_tendering_period():
    rule = rule_for(Period.TENDERING, Regime.PA_2023, TODAY)
    assert last_day(date(2026, 12, 1), rule) == date(2026, 12, 26)


@pytest.mark.parametrize("period", [Period.PARTICIPATION, Period.TENDERING, Period.STANDSTILL])
def test_light_touch_has_no_minimum_period(period):
    assert rule_for(period, Regime.PA_2023_LIGHT_TOUCH, TODAY).days == 0


def test_light_touch_standstill_once_offered_is_eight_working_days():
    rule = rule_for(Period.VOLUNTARY_STANDSTILL, Regime.PA_2023_LIGHT_TOUCH, TODAY)
    assert last_day(date(2026, 3, 2), rule) == date(2026, 3, 11)


@pytest.mark.parametrize(
    "circumstance",
    [
        Circumstance.FRAMEWORK_CALL_OFF,
        Circumstance.DYNAMIC_MARKET,
        Circumstance.URGENCY_DIRECT_AWARD,
        Circumstance.SECTION_42_DIRECT_AWARD,
        Circumstance.PRIVATE_UTILITY_DIRECT_AWARD,
    ],
)
def test_standstill_of_the_act_has_its_exemptions(circumstance):
    rule = standstill(circumstances=USUAL_CIRCUMSTANCES | {circumstance})
    assert rule.days == 0
    assert earliest_contract_date(TODAY, rule) == TODAY


@pytest.mark.parametrize(
    ("commenced_on", "light_touch", "health_care", "regime"),
    [
        (date(2006, 1, 31), True, False, Regime.PCR_2006_PART_B),
        (date(2013, 9, 19), True, False, Regime.PCR_2006_PART_B),
        (date(2015, 2, 25), True, False, Regime.PCR_2006_PART_B),
        (date(2015, 2, 26), True, False, Regime.PCR_2015),
        (date(2020, 6, 15), False, False, Regime.PCR_2015),
        (date(2025, 2, 23), True, False, Regime.PCR_2015),
        (date(2025, 2, 24), False, False, Regime.PA_2023),
        (date(2026, 11, 20), True, False, Regime.PA_2023_LIGHT_TOUCH),
        (date(2026, 11, 20), False, False, Regime.PA_2023),
        (date(2026, 11, 20), True, True, Regime.PSR_2023),
        (date(2023, 12, 31), True, True, Regime.PCR_2015),
    ],
)
def test_regime_is_that_of_the_day_of_commencement(commenced_on, light_touch, health_care, regime):
    assert regime_for(commenced_on, light_touch=light_touch, health_care=health_care) is regime


@pytest.mark.parametrize(
    ("commenced_on", "light_touch"), [(date(2006, 1, 30), True), (date(2013, 9, 19), False)]
)
def test_day_without_rules_is_refused_with_what_to_do(commenced_on, light_touch):
    with pytest.raises(NoSuchRule, match="Choose a later start"):
        regime_for(commenced_on, light_touch=light_touch)


def test_rule_of_another_time_is_refused():
    with pytest.raises(NoSuchRule, match="does not govern"):
        standstill(Regime.PCR_2006_PART_B, date(2026, 1, 1))
    with pytest.raises(NoSuchRule, match="does not govern"):
        standstill(Regime.PA_2023, date(2025, 2, 23))


def test_every_regime_has_every_period_under_the_usual_circumstances():
    for regime in Regime:
        on = next(row.commenced_from for row in RULES if row.regime is regime)
        for period in Period:
            rule = rule_for(period, regime, on)
            assert (rule.regime, rule.period) == (regime, period)


def test_rules_have_ids_of_their_own_and_say_where_they_come_from():
    ids = [row.rule_id for row in RULES]
    assert len(ids) == len(set(ids))
    assert all(row.citation and row.jurisdiction for row in RULES)
    assert all(row.commenced_to is None or row.commenced_from < row.commenced_to for row in RULES)
    assert {row.regime for row in RULES if not row.is_enforced} == {Regime.PCR_2006_PART_B}


def test_regimes_in_force_follow_each_other_without_a_gap():
    day = date(2006, 1, 31)
    while day < date(2026, 1, 1):
        regime = regime_for(day, light_touch=True)
        assert rule_for(Period.STANDSTILL, regime, day)
        day += timedelta(days=13)


@given(anchors)
def test_standstill_holds_eight_working_days_and_ends_on_one(published):
    rule = standstill(on=published)
    last = last_day(published, rule)
    assert working_days_between(published, last) == 8
    assert is_working_day(last)
    assert earliest_contract_date(published, rule) == last + timedelta(days=1)


@given(anchors, st.sampled_from(RULES))
def test_period_never_ends_before_it_begins(anchor, rule):
    last = last_day(anchor, rule)
    assert last >= anchor
    assert earliest_contract_date(anchor, rule) >= anchor
    assert (last > anchor) == (rule.days > 0)
    if rule.unit is Unit.CALENDAR and rule.days and not rule.ends_on_working_day:
        offset = rule.days - (rule.convention is Convention.BEGINNING_WITH)
        assert (last - anchor).days == offset


@given(st.sets(st.sampled_from(list(Circumstance))), st.sampled_from(list(Circumstance)))
def test_further_circumstance_never_lengthens_a_period(circumstances, another):
    for period in (Period.TENDERING, Period.PARTICIPATION, Period.STANDSTILL):
        before = rule_for(period, Regime.PA_2023, TODAY, frozenset(circumstances))
        after = rule_for(period, Regime.PA_2023, TODAY, frozenset(circumstances | {another}))
        assert after.days <= before.days


def test_table_is_what_was_read_in_the_law():
    assert {row.rule_id: row.days for row in RULES} == {
        "pcr_2006_part_b.participation_period": 0,
        "pcr_2006_part_b.tendering_period": 0,
        "pcr_2006_part_b.standstill": 0,
        "pcr_2006_part_b.voluntary_standstill": 10,
        "pcr_2015.participation_period": 30,
        "pcr_2015.participation_period.urgency": 15,
        "pcr_2015.participation_period.light_touch": 0,
        "pcr_2015.tendering_period": 30,
        "pcr_2015.tendering_period.electronic": 25,
        "pcr_2015.tendering_period.qualifying_planned_procurement_notice": 10,
        "pcr_2015.tendering_period.urgency": 10,
        "pcr_2015.tendering_period.dynamic_market": 10,
        "pcr_2015.tendering_period.light_touch": 0,
        "pcr_2015.standstill": 15,
        "pcr_2015.standstill.electronic": 10,
        "pcr_2015.standstill.framework_call_off": 0,
        "pcr_2015.standstill.dynamic_market": 0,
        "pcr_2015.voluntary_standstill": 10,
        "pa_2023.participation_period": 25,
        "pa_2023.participation_period.urgency": 10,
        "pa_2023.tendering_period": 35,
        "pa_2023.tendering_period.all_documents_with_notice": 30,
        "pa_2023.tendering_period.electronic": 30,
        "pa_2023.tendering_period.all_documents_with_notice.electronic": 25,
        "pa_2023.tendering_period.dynamic_market": 10,
        "pa_2023.tendering_period.urgency": 10,
        "pa_2023.tendering_period.qualifying_planned_procurement_notice": 10,
        "pa_2023.tendering_period.sub_central_preselected_suppliers": 10,
        "pa_2023.tendering_period.sub_central_negotiated_period": 0,
        "pa_2023.standstill": 8,
        "pa_2023.standstill.urgency_direct_award": 0,
        "pa_2023.standstill.section_42_direct_award": 0,
        "pa_2023.standstill.private_utility_direct_award": 0,
        "pa_2023.standstill.framework_call_off": 0,
        "pa_2023.standstill.dynamic_market": 0,
        "pa_2023.voluntary_standstill": 8,
        "pa_2023_light_touch.participation_period": 0,
        "pa_2023_light_touch.tendering_period": 0,
        "pa_2023_light_touch.standstill": 0,
        "pa_2023_light_touch.voluntary_standstill": 8,
        "psr_2023.participation_period": 0,
        "psr_2023.tendering_period": 0,
        "psr_2023.standstill": 8,
        "psr_2023.standstill.psr_direct_award_a_or_b": 0,
        "psr_2023.voluntary_standstill": 8,
    }


@pytest.mark.parametrize(
    ("regime", "first", "last"),
    [
        (Regime.PCR_2006_PART_B, date(2006, 1, 31), date(2015, 2, 25)),
        (Regime.PCR_2015, date(2015, 2, 26), date(2025, 2, 23)),
        (Regime.PA_2023, date(2025, 2, 24), None),
        (Regime.PA_2023_LIGHT_TOUCH, date(2025, 2, 24), None),
        (Regime.PSR_2023, date(2024, 1, 1), None),
    ],
)
def test_rules_hold_from_the_first_to_the_last_day_of_their_regime(regime, first, last):
    day = timedelta(days=1)
    assert standstill(regime, first)
    with pytest.raises(NoSuchRule):
        standstill(regime, first - day)
    if last is None:
        assert standstill(regime, date(2099, 1, 1))
    else:
        assert standstill(regime, last)
        with pytest.raises(NoSuchRule):
            standstill(regime, last + day)
