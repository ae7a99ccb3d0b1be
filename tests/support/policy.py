"""The policy as a file that a review sees change.

Run `.venv/bin/python -m tests.support.policy` after a change of commissioning/permissions/table.py.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from commissioning.permissions import matrix

COMMITTED = Path(__file__).resolve().parents[1] / "architecture" / "permissions.csv"


def as_csv() -> str:
    """The whole policy table, one line for a permission and a role."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["permission", "role", "held", "conditions"])
    writer.writerows(matrix())
    return written.getvalue()


if __name__ == "__main__":
    COMMITTED.write_text(as_csv(), encoding="utf-8")
