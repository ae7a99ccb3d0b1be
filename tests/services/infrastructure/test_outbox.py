"""Mail leaves after what it tells of, and one bad address holds nothing back."""

from __future__ import annotations

import pytest

from commissioning.infrastructure import outbox

ODD = ["a@[x.org", "a@[.org", "=?utf-8?q?a=0d=0ab?=@x.org"]


@pytest.mark.parametrize("address", ODD)
def test_a_letter_that_cannot_be_written_keeps_no_other_back(session, clock, tmp_path, address):
    bad = outbox.post(address, "First", "Sign in to read.", at=clock.now())
    good = outbox.post("robin@example.org", "Second", "Sign in to read.", at=clock.now())
    session.flush()

    outbox.deliver_to_folder(tmp_path, at=clock.now())

    assert good.delivered_at == clock.now()
    assert bad.failed_at is not None or bad.delivered_at is not None
    assert outbox.waiting_messages() == []


@pytest.mark.parametrize("address", ODD)
def test_such_an_address_is_not_taken_in_the_first_place(address):
    from commissioning.identity.domain.people import normal_email

    with pytest.raises(ValueError, match="correct format"):
        normal_email(address)
