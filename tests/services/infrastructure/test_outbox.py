"""Mail leaves after what it tells of, and one bad address holds nothing back."""

from __future__ import annotations

import pytest

from commissioning.infrastructure import outbox

ODD = ["a@[x.org", "a@[.org", "=?utf-8?q?a=0d=0ab?=@x.org"]


@pytest.mark.parametrize("address", ODD)
def test_a_letter_that_cannot_be_written_keeps_no_other_back(session, clock, tmp_path, address):
    bad = outbox.post(address, "First", "Sign in to read.", at=clock.now())
    good = outbox.post("robin@example.org", "Second", "Sign in to read.", at=clock.now())
    session.commit()

    outbox.deliver_to_folder(tmp_path, at=clock.now())

    assert good.delivered_at == clock.now()
    assert bad.failed_at is not None or bad.delivered_at is not None
    assert outbox.waiting_messages() == []


def test_no_letter_is_written_before_the_commit_of_what_it_tells_of(session, clock, tmp_path):
    outbox.post("robin@example.org", "First", "Sign in to read.", at=clock.now())
    session.flush()

    with pytest.raises(RuntimeError, match="after the commit"):
        outbox.deliver_to_folder(tmp_path / "mail", at=clock.now())
    session.rollback()

    assert outbox.deliver_to_folder(tmp_path / "mail", at=clock.now()) == 0
    assert not (tmp_path / "mail").exists()


def test_a_letter_is_written_once_it_is_committed(session, clock, tmp_path):
    outbox.post("robin@example.org", "First", "Sign in to read.", at=clock.now())
    session.commit()

    assert outbox.deliver_to_folder(tmp_path / "mail", at=clock.now()) == 1
    assert [path.suffix for path in (tmp_path / "mail").iterdir()] == [".eml"]


@pytest.mark.parametrize("address", ODD)
def test_such_an_address_is_not_taken_in_the_first_place(address):
    from commissioning.identity.domain.people import normal_email

    with pytest.raises(ValueError, match="correct format"):
        normal_email(address)
