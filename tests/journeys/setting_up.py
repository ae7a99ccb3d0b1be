"""The lead sets up a competition of three lots, with slips on the way; two people issue it."""

from __future__ import annotations

from datetime import date

from tests.journeys.arriving import TEAM
from tests.journeys.site import Site
from tests.support.browsing import Person

REFERENCE = "REHAB-3"
TITLE = "Rehabilitation in three areas"
HOME = f"/competitions/{REFERENCE}"
HEADING = (
    "reference,name,annual_value_gbp,term_years,ceiling_price_gbp,volumes_per_year,"
    "binary_baseline_pct,frequency_baseline,resettlement_prisons,local_partners,staff_transfer,"
    "tile_column,tile_row"
)
NORTH = "L1,North,10000000,3,,2500,34.2,3.1,Northgate,Northern Council,cosop,1,1"
SOUTH = "L2,South,8000000,3,,1900,33.1,3.0,,Southern Council,tupe,1,2"
SOUTH_WITH_SLIP = SOUTH.replace("8000000", "eight million")
CRITERIA = (
    ("C1", "Delivering the sentence", "60", "2"),
    ("C2", "Local partnership", "40", "1"),
)
# role: who holds it on the competition
ROLES = (
    ("approver", "Approver"),
    ("approver", "Key holder"),
    ("commercial", "Commercial officer"),
    ("commercial", "Key holder"),
    ("moderator", "Moderator"),
    ("moderator", "Key holder"),
    ("moderator", "Assessor"),
    ("evaluator", "Quality evaluator"),
    ("second evaluator", "Quality evaluator"),
)
DATES = {
    "The notice": (date(2026, 3, 2), "10:00"),
    "The PQQ deadline": (date(2026, 3, 30), "12:00"),
    "The shortlist": (date(2026, 4, 10), "12:00"),
    "The issue of the ITN": (date(2026, 4, 13), "12:00"),
    "The deadline for bids": (date(2026, 5, 29), "12:00"),
    "The award decision": (date(2026, 9, 1), "12:00"),
}


def competition_is_set_up(site: Site) -> None:
    lead = site["lead"]
    starts(lead)
    lots_are_given(lead)
    criteria_are_given(lead)
    rules_are_given(lead)
    questions_are_given(lead)
    dates_are_given(lead)
    roles_are_given(lead)


def starts(lead: Person) -> None:
    lead.follows("Competitions")
    lead.follows("Create a programme")
    lead.fills({"Name of the programme": "Transforming rehabilitation"})
    lead.presses("Create the programme")
    lead.sees("Set up a competition")
    lead.fills(
        {
            "Programme": "Transforming rehabilitation",
            "Reference": REFERENCE,
            "Title": TITLE,
            "Summary": "Supervision and rehabilitation after sentence, for three years.",
            "Start of the procurement": date(2026, 3, 2),
        }
    )
    lead.chooses("Are these light touch services?", "Yes")
    lead.chooses("How many people run it?", "Short form")
    lead.presses("Continue")
    lead.sees("Check before you set it up")
    lead.reads("Procurement Act 2023, light touch", "Two of three people open")
    lead.presses("Set up the competition")
    lead.sees(TITLE)


def lots_are_given(lead: Person) -> None:
    """Two lots from a file that has a bad row at first; one by hand, without a value at first."""
    lead.follows("Lots")
    lead.follows("Load lots from a file")
    slip = f"{HEADING}\n{NORTH}\n{SOUTH_WITH_SLIP}"
    lead.fills({"A file of lots": csv_file(slip)})
    lead.presses("Check the file")
    lead.is_told("Nothing is imported: mend 1 place in the file first.", beside="A file of lots")
    lead.reads("annual_value_gbp")
    lead.still_has({"Or paste the rows": slip})
    lead.fills({"Or paste the rows": slip.replace("eight million", "8000000")})
    lead.presses("Check the file")
    lead.reads("North", "£10,000,000.00", "South", "£8,000,000.00")
    lead.presses("Import the lots")

    lead.follows("Add a lot")
    lead.fills({"Reference": "L3", "Name": "East", "Column on the map of tiles": "2"})
    lead.fills({"Row on the map of tiles": "1"})
    lead.fills({"Term": "3"})
    lead.presses("Save the lot")
    lead.is_told("Enter the annual value in pounds.", beside="Indicative annual value")
    lead.still_has({"Reference": "L3", "Name": "East", "Row on the map of tiles": "1"})
    lead.fills({"Indicative annual value": "6,000,000"})
    lead.presses("Save the lot")
    lead.reads("East", "£24,000,000.00")


def csv_file(text: str) -> dict:
    return {"name": "lots.csv", "mimeType": "text/csv", "buffer": text.encode()}


def criteria_are_given(lead: Person) -> None:
    """Two criteria with a question each; at first their weights are to sum to 99.5."""
    lead.goes_to(HOME)
    lead.follows("Criteria and weights")
    for reference, name, weight, minimum in CRITERIA:
        lead.follows("Add a criterion")
        lead.fills(
            {
                "Reference": reference,
                "Name": name,
                "Weight": weight,
                "Minimum mark": minimum,
            }
        )
        lead.fills(
            {
                "Reference": f"{reference}.1",
                "Question": f"How will you see to this: {name.lower()}?",
                "Weight": weight,
                "Word limit": "200",
            },
            within="Question 1",
        )
        lead.presses("Save the criterion")
    lead.reads("Exactly 100")
    lead.follows("Change all weights")
    lead.fills({"Weight of C2.1": "39.5"})
    lead.presses("Save the weights")
    lead.is_told(
        "The weights sum to 99.5, not to 100. Add 0.5.",
        beside="As typed they sum to 99.5 of 100.",
        leads_to="Weight of C1.1",
    )
    lead.still_has({"Weight of C1.1": "60", "Weight of C2.1": "39.5"})
    lead.fills({"Weight of C2.1": "40"})
    lead.presses("Save the weights")
    lead.reads("Exactly 100")


def rules_are_given(lead: Person) -> None:
    lead.goes_to(HOME)
    lead.follows("Scale, price, limits and award rule")
    lead.fills(
        {
            "Years of fees": "3",
            "Price base": "2026",
            "Share of the market for one bidder": "60",
            "Funding multiple": "2",
        }
    )
    lead.presses("Save the rules")
    lead.reads("60%", "3.5%")


def questions_are_given(lead: Person) -> None:
    """A question that the answer decides, and one that an assessor scores."""
    lead.goes_to(HOME)
    lead.follows("PQQ questions")
    lead.follows("Add a question")
    lead.fills(
        {
            "Reference": "Q1",
            "Part of the questionnaire": "Standing",
            "Question": "Are your taxes paid?",
        }
    )
    lead.chooses("Answered", "By yes or no")
    lead.chooses("What is it for?", "Pass or fail")
    lead.chooses("Which answer passes?", "Yes")
    lead.presses("Save the question")
    lead.follows("Add a question")
    lead.fills(
        {
            "Reference": "Q2",
            "Part of the questionnaire": "Experience",
            "Question": "Where have you run such services before?",
        }
    )
    lead.chooses("What is it for?", "Scored")
    lead.presses("Save the question")
    lead.is_told("Enter the highest score.", beside="Highest score")
    lead.fills({"Highest score": "4", "Least score that passes": "2"})
    lead.presses("Save the question")
    lead.reads("Are your taxes paid?", "Where have you run such services before?")


def dates_are_given(lead: Person) -> None:
    """The clocks go forward on 29 March: there is no half past one on that morning."""
    lead.goes_to(HOME)
    lead.follows("Timetable")
    lead.fills({**DATES, "The PQQ deadline": (date(2026, 3, 29), "01:30")})
    lead.presses("Save the timetable")
    lead.is_told(
        "The PQQ deadline does not exist: the clocks go forward that night. Choose a time before "
        "1:00 or from 2:00 on.",
        beside="The PQQ deadline",
    )
    lead.still_has(
        {"Day": "29", "Month": "3", "Year": "2026", "Time, such as 12:00": "01:30"},
        within="The PQQ deadline",
    )
    lead.fills(DATES)
    lead.presses("Save the timetable")
    lead.reads("Friday 29 May 2026, 12 noon (UK time)")


def roles_are_given(lead: Person) -> None:
    lead.goes_to(HOME)
    lead.follows("People")
    for who, role in ROLES:
        lead.follows("Give a role")
        lead.fills({"Person": TEAM[who], "Role": role})
        lead.presses("Give the role")
    lead.reads("Key holders: 3 of 3 named. Any 2 of them open the envelopes together.")


def issue_is_approved(site: Site, *, of: str) -> None:
    """The lead proposes, the approver reads what goes out and approves."""
    lead, approver = site["lead"], site["approver"]
    lead.goes_to(HOME)
    lead.follows(f"Check and propose the issue of {of}")
    lead.reads("North", "£10,000,000.00")
    lead.presses(f"Propose the issue of {of}")
    lead.reads("You proposed this, so another person decides on it.")
    approver.goes_to("/dashboard")
    approver.follows(f"Decide whether {of} is issued")
    approver.reads("North", "£10,000,000.00", "It does not happen, and your colleague reads why.")
    approver.chooses("What do you decide?", "Approve")
    approver.presses("Decide")
    approver.reads(f"{of[0].upper()}{of[1:]} is issued")


def keys_are_prepared(site: Site) -> None:
    """The lead prepares the keys; two of the three holders rehearse the opening."""
    lead = site["lead"]
    lead.goes_to(HOME)
    lead.follows("Opening keys")
    lead.presses("Prepare the opening keys")
    for who in ("approver", "commercial"):
        holder = site[who]
        holder.goes_to("/dashboard")
        holder.follows("Join the rehearsal of the opening")
        holder.presses("Join the rehearsal")
    site["commercial"].reads("The rehearsal is done")
