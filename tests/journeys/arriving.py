"""How people come in: the authority's by invitation, the bidders' by registering."""

from __future__ import annotations

from commissioning.identity.services import create_operator
from commissioning.infrastructure.database import db
from tests.journeys.site import PASSWORD, Site, opens_letter, signs_in

ADMINISTRATOR = "olwen@operator.example"
AUTHORITY = "Ministry of Rehabilitation"
# who: full name; the lead alone has a role for the whole authority
TEAM = {
    "lead": "Ada Lind",
    "approver": "Ben Okoro",
    "commercial": "Cleo Marsh",
    "moderator": "Dana Reyes",
    "evaluator": "Eli Tran",
    "second evaluator": "Fay Boyd",
}
# who: full name, organisation, number in the register of companies
BIDDERS = {
    "halcyon": ("Mina Okafor", "Halcyon Rehabilitation", "01234567"),
    "rival": ("Ravi Tull", "Rival Partnership", "07654321"),
}


def email_of(full_name: str) -> str:
    return f"{full_name.lower().replace(' ', '.')}@people.example"


def authority_arrives(site: Site) -> None:
    """The administrator brings in the authority and invites its people, who accept."""
    with site.app.app_context():
        create_operator(
            name="Olwen Price", email=ADMINISTRATOR, password=PASSWORD, clock=site.clock
        )
        db.session.commit()
    olwen = site.opens("administrator")
    signs_in(olwen, ADMINISTRATOR)
    olwen.follows("Organisations")
    olwen.follows("Bring in an authority")
    olwen.fills(
        {
            "Name of the authority": AUTHORITY,
            "Register": "Public bodies: code",
            "Number or code in the register": "MOR",
        }
    )
    olwen.presses("Bring it in")
    for who, name in TEAM.items():
        olwen.follows("Invite somebody")
        olwen.fills({"Full name": name, "Email address": email_of(name)})
        if who == "lead":
            olwen.fills({"Procurement lead": True})
        olwen.presses("Send the invitation")
        olwen.sees(AUTHORITY)
    for who, name in TEAM.items():
        accepts(site, who, email_of(name), organisation=AUTHORITY)


def accepts(site: Site, who: str, email: str, *, organisation: str) -> None:
    """Somebody follows the link of an invitation, chooses a password and signs in."""
    person = site.opens(who)
    opens_letter(person, email)
    person.sees("Accept an invitation")
    person.fills({"Password": PASSWORD})
    person.presses(f"Join {organisation}")
    signs_in(person, email)


def bidders_register(site: Site) -> None:
    """Two bidders register; the second first types the number of the other."""
    registers(site, "halcyon")
    registers(site, "rival", first_types=BIDDERS["halcyon"][2])


def registers(site: Site, who: str, *, first_types: str = "") -> None:
    """Somebody registers an organisation by a link that is sent to them, and signs in."""
    full_name, organisation, number = BIDDERS[who]
    person = site.opens(who)
    person.goes_to("/")
    person.follows("Register an organisation")
    person.fills({"Email address": email_of(full_name)})
    person.presses("Send the link")
    person.sees("Look into your mail")
    opens_letter(person, email_of(full_name))
    person.follows("The organisation")
    entries = {
        "A bidder": True,
        "Name of the organisation": organisation,
        "Legal form": "Company",
        "Register": "Companies House: company number",
    }
    person.fills({**entries, "Number in the register": first_types or number})
    person.presses("Save and continue")
    if first_types:
        person.is_told(
            "An organisation with this number is registered already. Ask a colleague there to "
            "invite you, or use the organisation’s other number.",
            beside="Number in the register",
        )
        person.still_has(
            {"Name of the organisation": organisation, "Number in the register": first_types}
        )
        person.fills({"Number in the register": number})
        person.presses("Save and continue")
    person.follows("Your name")
    person.fills({"Your full name": full_name})
    person.presses("Save and continue")
    person.follows("Check your answers and register")
    person.fills({"Password": PASSWORD})
    person.presses("Register")
    person.sees("Your organisation is registered")
    signs_in(person, email_of(full_name))
