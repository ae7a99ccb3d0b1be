"""public keys with the installation's word

A public key is kept with a word that only this installation can give, 64 bytes instead of 32. The
word needs the installation's secret, so this runs where the application is configured. Comes after
0106. Between this and the start of the new release nothing can be sealed: stop the old one first.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

from commissioning.infrastructure import vault

revision = "0107"
down_revision = "0106"
branch_labels = None
depends_on = None

_KEY_BYTES = 32
_OF = {
    "organisation": "SELECT id, public_key, reference FROM organisation",
    "app_user": "SELECT id, public_key, reference FROM app_user WHERE public_key IS NOT NULL",
    "opening_key": (
        "SELECT opening_key.id, public_key,"
        " competition.reference || ', round ' || round || ', ' || envelope"
        " FROM opening_key JOIN competition ON competition.id = competition_id"
    ),
}


def upgrade() -> None:
    _rewrite(lambda key, of: vault.vouch(bytes(key[:_KEY_BYTES]), of=of))


def downgrade() -> None:
    _rewrite(lambda key, _of: bytes(key[:_KEY_BYTES]))


def _rewrite(kept: Callable[[bytes, str], bytes]) -> None:
    if context.is_offline_mode():
        raise RuntimeError(
            "This revision needs the installation's secret: run it, do not print it."
        )
    connection = op.get_bind()
    for table, statement in _OF.items():
        rows = connection.execute(sa.text(statement)).all()
        columns = sa.table(table, sa.column("id"), sa.column("public_key", sa.LargeBinary))
        for row_id, key, of in rows:
            connection.execute(
                columns.update()
                .where(columns.c.id == row_id)
                .values(public_key=kept(bytes(key), of))
            )
