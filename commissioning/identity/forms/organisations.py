"""Forms about organisations, their people, and what they are to each other."""

from __future__ import annotations

from commissioning.identity.domain.identifiers import REGISTERS
from commissioning.identity.domain.roles import LegalForm
from commissioning.web.fields import (
    CheckboxesField,
    EmailField,
    Form,
    PercentField,
    RadiosField,
    SelectField,
    TextField,
)
from commissioning.web.filters import words

_KINDS = [
    (
        "bidder",
        "A bidder",
        "It answers competitions and contracts with the authority, alone or for a consortium.",
    ),
    (
        "provider",
        "A provider",
        "It delivers services for bidders as a sub-contractor, and does not bid itself.",
    ),
    ("public_body", "A public body", "It buys services, or works with those who do."),
]
_LEGAL_FORMS = [(form.value, words(form.value)) for form in LegalForm]
_REGISTERS = [
    (one.code, f"{one.name[:1].upper()}{one.name[1:]}: {one.number_name}") for one in REGISTERS
]
_NUMBER_HINT = "As the register writes it, such as 01234567 or SC123456 for a company."


class OrganisationForm(Form):
    kind = RadiosField(
        "What is the organisation here?",
        choices=_KINDS,
        required="Choose what the organisation is.",
    )
    name = TextField("Name of the organisation", required="Enter the organisation’s name.")
    legal_form = SelectField("Legal form", choices=_LEGAL_FORMS, required="Choose the legal form.")
    identifier_scheme = SelectField(
        "Register",
        hint="The register in which the organisation has its number.",
        choices=_REGISTERS,
        required="Choose the register.",
    )
    identifier = TextField(
        "Number in the register",
        hint=_NUMBER_HINT,
        required="Enter the number.",
        width=20,
        max_length=60,
    )


class PersonForm(Form):
    person_name = TextField(
        "Your full name", required="Enter your full name.", autocomplete="name", max_length=120
    )


class AuthorityForm(Form):
    name = TextField("Name of the authority", required="Enter the authority’s name.")
    identifier_scheme = SelectField("Register", choices=_REGISTERS, required="Choose the register.")
    identifier = TextField(
        "Number or code in the register", required="Enter the number.", width=20, max_length=60
    )


class EditOrganisationForm(Form):
    name = TextField("Name of the organisation", required="Enter the organisation’s name.")
    legal_form = SelectField("Legal form", choices=_LEGAL_FORMS, required="Choose the legal form.")


class InviteForm(Form):
    name = TextField("Full name", required="Enter the person’s full name.", max_length=120)
    email = EmailField(required="Enter the person’s email address.", width=30, autocomplete="off")
    roles = CheckboxesField("Roles", choices=[])


class RoleForm(Form):
    role = RadiosField("Role", choices=[], required="Choose a role.")


class RecoveryForm(Form):
    code = TextField(
        "Recovery code",
        hint="25 letters and digits. Hyphens and capitals do not matter.",
        required="Enter the recovery code.",
        width=30,
        autocomplete="off",
        gov_params={"spellcheck": False},
    )


class OwnershipForm(Form):
    direction = RadiosField(
        "What is the other organisation to yours?",
        choices=[
            ("owner", "It owns or controls ours"),
            ("owned", "Ours owns or controls it"),
        ],
        required="Choose which of the two owns the other.",
    )
    identifier_scheme = SelectField("Register", choices=_REGISTERS, required="Choose the register.")
    identifier = TextField(
        "Number of the other organisation",
        hint=_NUMBER_HINT,
        required="Enter the number.",
        width=20,
        max_length=60,
    )


class MemberForm(Form):
    identifier_scheme = SelectField("Register", choices=_REGISTERS, required="Choose the register.")
    identifier = TextField(
        "Number of the member",
        hint=_NUMBER_HINT,
        required="Enter the number.",
        width=20,
        max_length=60,
    )
    share = PercentField("Share of the consortium", hint="Leave it blank if shares are not stated.")
