"""Passwords and the limit on guessing them."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox.passwords import TRIES_OF_ADDRESS, TRIES_OF_ONE, Guesses, hash_password, password_fits
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site


@pytest.mark.parametrize("random", [False, True])
def test_a_password_fits_its_own_hash_only(random: bool) -> None:
    stored = hash_password("correct horse", salt=b"0123456789abcdef", random=random)
    assert password_fits("correct horse", stored)
    assert not password_fits("correct horsE", stored)


def test_nobody_has_no_password_that_fits() -> None:
    assert not password_fits("", None)


def guesses(site: Site, name: str = "person:a", address: str = "192.0.2.1") -> Guesses:
    return Guesses(site, tried=name, address=address)


def test_five_failures_stop_a_name_for_a_quarter_of_an_hour(site: Site, clock: Any) -> None:
    for _ in range(TRIES_OF_ONE):
        guesses(site).check()
        guesses(site).failed()
    with pytest.raises(ProblemError) as refused:
        guesses(site, address="192.0.2.9").check()
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "900")
    guesses(site, name="person:b").check()
    clock.forward(minutes=15)
    guesses(site).check()


def test_an_address_that_tries_many_names_is_stopped(site: Site) -> None:
    for number in range(TRIES_OF_ADDRESS):
        guesses(site, name=f"person:{number}").failed()
    with pytest.raises(ProblemError):
        guesses(site, name="person:new").check()
    guesses(site, name="person:new", address="192.0.2.2").check()


def test_a_success_forgets_the_failures_of_the_name(site: Site) -> None:
    for _ in range(TRIES_OF_ONE - 1):
        guesses(site).failed()
    guesses(site).succeeded()
    guesses(site).failed()
    guesses(site).check()


def test_the_store_does_not_say_who_failed(site: Site) -> None:
    guesses(site, name="person:nadia@abc.example").failed()
    rows = site.database.rows("SELECT subject FROM sign_in_failures")
    assert not [row for row in rows if "nadia" in row["subject"] or "192" in row["subject"]]
