"""Where the private half of an opening key is, and how it comes out: in this module alone.

It is nowhere. When the pair is made, the private half is split among the key holders, each share is
sealed to its holder's own key, and the whole is forgotten. A holder's share is opened by their own
session, at a ceremony; there it waits, sealed to each of the other holders and under the
installation's vault. Whoever completes the threshold opens what waits for them, adds their own
share, which is written nowhere, and the key is put together, compared with the public half, used,
and forgotten again. So neither a copy of the database nor the secret of the installation gives the
key without a session of a holder.

With each share goes the installation's word that it gave it out. So fresh shares can be made of
shares that are known to be right, and the key need not be put together to find out.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag

from commissioning.audit.domain.chain import instant_text
from commissioning.identity.domain import keys
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.canonical import canonical_json
from commissioning.kernel.errors import Conflict, KeyLocked
from commissioning.submission.domain import shares
from commissioning.submission.domain.shares import (
    Combined,
    Share,
    WrongShares,
    share_from_bytes,
)
from commissioning.submission.models import OpeningAttendance, OpeningKey, OpeningShare


@dataclass(frozen=True, slots=True)
class Released:
    """A private key put together, and the holders whose shares did not belong to it."""

    private_key: bytes = field(repr=False)
    wrong: tuple[str, ...] = ()


def entrust(
    row: OpeningKey, private_key: bytes, holders: Mapping[str, bytes], *, at: datetime
) -> None:
    """Split a private key among its holders: {reference: public key}; nobody keeps the whole."""
    made = shares.split(private_key, holders=len(holders), threshold=row.threshold)
    _give_out(row, made, holders, at=at)


def renew(
    actor: Actor,
    row: OpeningKey,
    present: Sequence[OpeningAttendance],
    holders: Mapping[str, bytes],
    *,
    at: datetime,
) -> None:
    """Give every holder of a circle a fresh share of the same key; the old ones are worth nothing.

    The key is not put together: a share counts where the installation knows it as the one that it
    gave out, since a wrong share that was renewed would lose the key for ever. Raises Conflict
    below a threshold of them.
    """
    waiting = _shares_for(actor, row, present)
    try:
        made = shares.renewed(waiting.known, holders=len(holders), threshold=row.threshold)
    except WrongShares as error:
        raise Conflict(
            "Too few shares of those who have joined are the ones that were given out. Nothing has "
            "changed: drop this replacement, propose it again, let others join, and call the "
            "auditor."
        ) from error
    row.shares.clear()
    db.session.flush()
    _give_out(row, made, holders, at=at)
    forget(present)


def own_share(actor: Actor, row: OpeningKey) -> bytes:
    """A holder's own share, opened by their session; it is shown to nobody.

    Raises KeyLocked where the session does not open the person's key, Conflict for a holder without
    a share and for a share that this key no longer opens, such as after a reset of the password.
    """
    held = shares_of_key(row).get(actor.reference)
    if held is None:
        raise Conflict("You hold no share of this key. Ask the lead who holds the shares.")
    if actor.personal_key is None:
        raise KeyLocked
    try:
        return keys.open_with(actor.personal_key, held.sealed, purpose=_share_purpose(held))
    except keys.CannotOpen as error:
        raise Conflict(
            "Your share does not open any more: your password was reset after you were given it, "
            "or the share was changed. Enough of the others can open without you, and can give "
            "you a fresh share."
        ) from error


def hand_over(actor: Actor, row: OpeningKey, attendance: OpeningAttendance) -> None:
    """A holder's share waits with their presence, for whichever holder completes the ceremony.

    Raises what `own_share` raises.
    """
    share = own_share(actor, row)
    purpose = _waiting_purpose(row, attendance)
    copies = {
        held.holder: keys.seal_to(held.sealed_to, share, purpose=purpose).hex()
        for held in row.shares
        if held.holder != actor.reference
    }
    attendance.released = vault.seal(canonical_json(copies), purpose=purpose)


def put_together(
    actor: Actor,
    row: OpeningKey,
    present: Sequence[OpeningAttendance],
    *,
    joined: Collection[str],
) -> Released | None:
    """The private key, from the shares of those who have joined and still hold their role.

    `actor` is the holder who completes it: what waits opens with their key. None where there are
    enough of them and no threshold of their shares gives this key: one of them is wrong, and it
    takes another holder to find out which. Raises Conflict below the threshold. The shares wait on
    until they are forgotten.
    """
    counted = [attendance for attendance in present if attendance.holder in joined]
    if len({attendance.holder for attendance in counted}) < row.threshold:
        raise Conflict(f"{row.threshold} key holders must join before the envelopes can be opened.")
    waiting = _shares_for(actor, row, counted)
    try:
        combined = _combined(row, waiting.fitting.values())
    except WrongShares:
        return None
    wrong = [holder for holder, share in waiting.fitting.items() if share.index in combined.wrong]
    return Released(combined.secret, (*wrong, *waiting.unfit))


def _combined(row: OpeningKey, held: Iterable[Share]) -> Combined:
    return shares.combine(
        held,
        threshold=row.threshold,
        is_right=lambda secret: keys.belong_together(secret, row.public_key),
    )


def shares_of_key(row: OpeningKey) -> dict[str, OpeningShare]:
    """The sealed shares of a key, by holder."""
    return {share.holder: share for share in row.shares}


def _give_out(
    row: OpeningKey, made: Sequence[Share], holders: Mapping[str, bytes], *, at: datetime
) -> None:
    for share, (holder, public_key) in zip(made, holders.items(), strict=True):
        held = OpeningShare(
            key=row,
            holder=holder,
            place=share.index,
            sealed_to=public_key,
            given_at=at,
        )
        content = share.to_bytes() + _word(row, share)
        held.sealed = keys.seal_to(public_key, content, purpose=_share_purpose(held))
        db.session.add(held)
    db.session.flush()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The shares that wait, by holder, and the holders whose share cannot be one of this key.

    `known` are those that the installation gave out.
    """

    fitting: dict[str, Share] = field(repr=False)
    known: list[Share] = field(repr=False)
    unfit: tuple[str, ...]


def _shares_for(actor: Actor, row: OpeningKey, present: Sequence[OpeningAttendance]) -> _Waiting:
    """What waits for the actor with those present, and the actor's own share.

    What claims another place or length would block the others.
    """
    places = {share.holder: share.place for share in row.shares}
    length = 1 + len(row.public_key)
    fitting, known, unfit = {}, [], []
    for attendance in present:
        try:
            content = _content_for(actor, row, attendance)
            share = share_from_bytes(content[:length])
        except (InvalidTag, WrongShares, keys.CannotOpen, KeyError, ValueError):
            unfit.append(attendance.holder)
            continue
        is_own = share.index == places.get(attendance.holder)
        if not is_own or len(share.value) != len(row.public_key):
            unfit.append(attendance.holder)
            continue
        fitting[attendance.holder] = share
        if hmac.compare_digest(content[length:], _word(row, share)):
            known.append(share)
    return _Waiting(fitting, known, tuple(unfit))


def _content_for(actor: Actor, row: OpeningKey, attendance: OpeningAttendance) -> bytes:
    """A share with its word, as the actor's session opens it; KeyError where none waits for it."""
    if attendance.holder == actor.reference:
        return own_share(actor, row)
    if attendance.released is None or actor.personal_key is None:
        raise KeyError(attendance.holder)
    purpose = _waiting_purpose(row, attendance)
    copies = json.loads(vault.unseal(attendance.released, purpose=purpose))
    return keys.open_with(
        actor.personal_key, bytes.fromhex(copies[actor.reference]), purpose=purpose
    )


def _word(row: OpeningKey, share: Share) -> bytes:
    """The installation's word, 32 bytes, that it gave out this share of this key."""
    purpose = f"share of the opening key {row.public_key.hex()}"
    return bytes.fromhex(vault.fingerprint(share.to_bytes().hex(), purpose=purpose))


def forget(present: Sequence[OpeningAttendance]) -> None:
    """The shares that waited with those present are needed no more."""
    for attendance in present:
        attendance.released = None


def _share_purpose(share: OpeningShare) -> str:
    key = share.key
    return canonical_json(
        ["share", key.public_key.hex(), key.round, key.envelope, share.place, share.holder]
    ).decode()


def _waiting_purpose(row: OpeningKey, attendance: OpeningAttendance) -> str:
    """Bound to one presence at one ceremony, so that it cannot be laid into another."""
    return canonical_json(
        [
            "waiting share",
            row.public_key.hex(),
            row.envelope,
            attendance.purpose,
            instant_text(attendance.joined_at),
            attendance.holder,
        ]
    ).decode()
