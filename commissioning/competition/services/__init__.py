"""Setting up, issuing and moving along a competition: its use cases.

Those of one person are grouped by what they set up; those of two people begin with a proposal.
What says that it is called by another service authorises nothing itself.
"""

from commissioning.competition.services.admissions import (
    record_admissions,
    record_interest,
    record_opening_keys,
    record_rehearsal,
)
from commissioning.competition.services.changes import (
    approve_change,
    draft_change,
    drop_change,
    propose_change,
)
from commissioning.competition.services.criteria import (
    LeafInput,
    load_standard_criteria,
    remove_criterion,
    save_criterion,
    set_weights,
)
from commissioning.competition.services.decisions import (
    close_decision,
    needed_reason,
    open_decision,
    send_back,
    take_up_decision,
)
from commissioning.competition.services.documents import add_document
from commissioning.competition.services.extension import approve_extension, propose_extension
from commissioning.competition.services.issue import (
    approve_itn_issue,
    approve_pqq_issue,
    propose_itn_issue,
    propose_pqq_issue,
)
from commissioning.competition.services.lots import (
    LotLine,
    LotPreview,
    import_lots,
    preview_lots,
    remove_lot,
    row_sentence,
    save_lot,
)
from commissioning.competition.services.outages import (
    check_outage,
    extend_by_outages,
    probe_service,
    record_outage,
)
from commissioning.competition.services.people import (
    end_role,
    give_role,
    pass_on_key_holding,
    require_may_hold_keys,
)
from commissioning.competition.services.rules import set_rules
from commissioning.competition.services.selection import (
    load_standard_questions,
    remove_question,
    save_question,
)
from commissioning.competition.services.setup import (
    create_competition,
    create_programme,
    edit_competition,
)
from commissioning.competition.services.stages import (
    advance_stage,
    check_move,
    pass_deadlines,
    set_lot_statuses,
)
from commissioning.competition.services.termination import (
    approve_termination,
    propose_termination,
)
from commissioning.competition.services.ties import approve_tie, freeze_ties, propose_tie
from commissioning.competition.services.timetable import set_timetable

__all__ = [
    "LeafInput",
    "LotLine",
    "LotPreview",
    "add_document",
    "advance_stage",
    "approve_change",
    "approve_extension",
    "approve_itn_issue",
    "approve_pqq_issue",
    "approve_termination",
    "approve_tie",
    "check_move",
    "check_outage",
    "close_decision",
    "create_competition",
    "create_programme",
    "draft_change",
    "drop_change",
    "edit_competition",
    "end_role",
    "extend_by_outages",
    "freeze_ties",
    "give_role",
    "import_lots",
    "load_standard_criteria",
    "load_standard_questions",
    "needed_reason",
    "open_decision",
    "pass_deadlines",
    "pass_on_key_holding",
    "preview_lots",
    "probe_service",
    "propose_change",
    "propose_extension",
    "propose_itn_issue",
    "propose_pqq_issue",
    "propose_termination",
    "propose_tie",
    "record_admissions",
    "record_interest",
    "record_opening_keys",
    "record_outage",
    "record_rehearsal",
    "remove_criterion",
    "remove_lot",
    "remove_question",
    "require_may_hold_keys",
    "row_sentence",
    "save_criterion",
    "save_lot",
    "save_question",
    "send_back",
    "set_lot_statuses",
    "set_rules",
    "set_timetable",
    "set_weights",
    "take_up_decision",
]
