"""What people of a competition type, by the page on which they type it."""

from __future__ import annotations

from commissioning.competition.forms.acts import (
    DecideForm,
    ExtensionForm,
    ProposeForm,
    TerminateForm,
    extension_form,
)
from commissioning.competition.forms.changes import ChangeForm, change_form
from commissioning.competition.forms.criteria import (
    MOST_LEAVES,
    CriterionForm,
    LeafForm,
    WeightsForm,
    weights_form,
)
from commissioning.competition.forms.documents import DocumentForm, DocumentVersionForm
from commissioning.competition.forms.lots import LotForm, LotsFileForm, LotsImportForm
from commissioning.competition.forms.people import DOES, EndRoleForm, RoleForm
from commissioning.competition.forms.questions import QuestionForm
from commissioning.competition.forms.rules import (
    NOTICE_FIELDS,
    RulesForm,
    descriptor_field,
    rules_form,
)
from commissioning.competition.forms.setup import CompetitionForm, ParticularsForm, ProgrammeForm
from commissioning.competition.forms.ties import TieForm, TieReasonForm
from commissioning.competition.forms.timetable import TimetableForm, timetable_form
from commissioning.web.fields import Form

__all__ = [
    "DOES",
    "MOST_LEAVES",
    "NOTICE_FIELDS",
    "ChangeForm",
    "CompetitionForm",
    "CriterionForm",
    "DecideForm",
    "DocumentForm",
    "DocumentVersionForm",
    "EndRoleForm",
    "ExtensionForm",
    "Form",
    "LeafForm",
    "LotForm",
    "LotsFileForm",
    "LotsImportForm",
    "ParticularsForm",
    "ProgrammeForm",
    "ProposeForm",
    "QuestionForm",
    "RoleForm",
    "RulesForm",
    "TerminateForm",
    "TieForm",
    "TieReasonForm",
    "TimetableForm",
    "WeightsForm",
    "change_form",
    "descriptor_field",
    "extension_form",
    "rules_form",
    "timetable_form",
    "weights_form",
]
