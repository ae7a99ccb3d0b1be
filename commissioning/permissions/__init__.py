"""The policy: who may do what, when, and under what condition.

One table of rows (`table.py`). A row names a permission, the roles that hold it, where the role
must be held, and the conditions that must be true as well. Several rows may give the same
permission; where no row gives it, the answer is no. Services ask `require`; views declare the same
permission, so that tests and the help page can read it.

The rows come from the rules of procurement. Where two people are needed, the row of the first
ends in `propose` and that of the second in `approve`, whose condition `two_person` refuses the
person who proposed.
"""

from commissioning.permissions.conditions import Facts, has_conflict, two_person
from commissioning.permissions.decision import could_ever, matrix, may, require, rows_for
from commissioning.permissions.names import Permission, Scope
from commissioning.permissions.table import ROWS, Row
from commissioning.permissions.wording import in_words

__all__ = [
    "ROWS",
    "Facts",
    "Permission",
    "Row",
    "Scope",
    "could_ever",
    "has_conflict",
    "in_words",
    "matrix",
    "may",
    "require",
    "rows_for",
    "two_person",
]
