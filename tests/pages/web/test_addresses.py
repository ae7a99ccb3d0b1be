"""An address that no row can have is one of nothing, on every database."""

from __future__ import annotations

import pytest


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "address",
    [
        "/competitions/%00/published",
        "/competitions/T-1%00/model.json",
        "/competitions/T-1/documents/D/" + "9" * 40,
        "/competitions/T-1/documents/D/2147483648",
    ],
)
def test_what_no_row_can_be_called_is_not_there(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.both_databases
@pytest.mark.parametrize("asked", ["endpoint=x", "q=%00", "sort=%00&page=%00", "self=1&values=2"])
def test_whatever_an_address_asks_of_a_list_it_is_shown(client, asked):
    assert client.get(f"/competitions?{asked}").status_code == 200
