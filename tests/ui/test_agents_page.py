"""The Agents page: problems first, one silent agent holds up none, pairing only after the comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.errors import LocalError
from tests.peers.agent_books import SHOWN, FakeBook, a_status, some_agents, wrong_code
from tests.peers.fakes import fake_services
from tests.ui.conftest import nameless
from ui.pages.agents import AgentsPage, Health, row_of
from ui.pages.agents.adding import AddServer
from ui.shell.services import HERE, AgentGlance, KnownAgent
from ui.widgets.glyphs import Note


@pytest.fixture
def book() -> Iterator[FakeBook]:
    made = some_agents()
    yield made
    made.gate.set()


def shown(qtbot: QtBot, book: FakeBook, *, followed: str = HERE) -> AgentsPage:
    page = AgentsPage(replace(fake_services(), agents=book, agent_place=followed))
    page.resize(1240, 800)
    qtbot.addWidget(page)
    page.show()
    return page


def settled(qtbot: QtBot, book: FakeBook, *, followed: str = HERE) -> AgentsPage:
    page = shown(qtbot, book, followed=followed)
    qtbot.waitUntil(lambda: len(page.rows()) == 4 and not page._asking)
    return page


def button(page: AgentsPage, words: str) -> QPushButton:
    (found,) = [
        each for each in page.findChildren(QPushButton) if each.text() == words and each.isVisibleTo(page)
    ]
    return found


def adding(page: AgentsPage) -> AddServer:
    assert page.adding is not None
    return page.adding


def test_agents_that_need_a_person_stand_first(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    assert [(row.name, row.words) for row in page.rows()] == [
        ("med-01", "The agent does not answer"),
        ("rtg-01", "1 folder cannot be read"),
        ("nadia-pc", "Healthy"),
        ("sip-a01", "Healthy"),
    ]
    assert page.header.remark.text() == "4 servers"


def test_every_control_and_row_says_what_it_is(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    assert nameless(page) == []
    words = page.model.data(page.model.index_of("rtg-01:8443"))
    assert words == (
        "rtg-01, rtg-01:8443, 1 folder cannot be read, seen now, 2 transfers wait, "
        "2 applications, 112 MB on its disk, processor 2.4 %"
    )


def test_the_page_is_there_while_no_agent_has_answered(qtbot: QtBot, book: FakeBook) -> None:
    book.gate.clear()
    page = shown(qtbot, book)
    assert page.rows() == []
    assert adding(page).address.isEnabled()
    book.gate.set()
    qtbot.waitUntil(lambda: len(page.rows()) == 4 and not page._asking)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"portal_reachable": False}, "Portal not reachable"),
        ({"draining": True}, "It takes no new job"),
        ({"jobs": {"failed": 2}}, "2 transfers failed"),
    ],
)
def test_what_needs_a_person_is_said(change: dict[str, object], words: str) -> None:
    status = replace(a_status("sip-a01"), **change)  # type: ignore[arg-type]  # fields of many types
    row = row_of(KnownAgent("p:1", "viewer", ""), AgentGlance(status), seen=None, problem=None)
    assert (row.health, row.words) == (Health.WARNING, words)


def test_a_certificate_is_compared_before_the_code_leaves(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    card = adding(page)
    card.address.setText("med-02:8443")
    card.code.setText("7kq2-m9xd")
    card.begin()
    qtbot.waitUntil(lambda: card.dialog is not None)
    assert card.dialog is not None
    assert SHOWN.fingerprint in card.dialog.fingerprint.accessibleName()
    assert book.calls == [("look", "med-02:8443")]
    assert not card.dialog.trust.isEnabled()
    card.dialog.compared.setChecked(True)
    card.dialog.trust.click()
    qtbot.waitUntil(lambda: len(page.rows()) == 5 and not page._asking)
    assert book.calls[1] == ("pair", "med-02:8443", "7kq2-m9xd", SHOWN.fingerprint)
    assert card.code.text() == ""


def test_who_does_not_agree_pairs_with_nobody(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    card = adding(page)
    card.address.setText("med-02:8443")
    card.code.setText("7kq2-m9xd")
    card.begin()
    qtbot.waitUntil(lambda: card.dialog is not None)
    assert card.dialog is not None
    card.dialog.refuse.click()
    assert [call[0] for call in book.calls] == ["look"]
    assert card.pair.isEnabled()


def test_a_wrong_code_is_said_and_can_be_typed_again(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    book.fail = wrong_code()
    card = adding(page)
    card.address.setText("med-02:8443")
    card.code.setText("0000-0000")
    card.begin()
    qtbot.waitUntil(lambda: bool(card.findChildren(Note)))
    (note,) = card.findChildren(Note)
    assert note.accessibleName() == "The code is wrong"
    assert card.pair.isEnabled()


def test_choosing_an_agent_is_told_to_the_window(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    page.select("sip-a01:8443")
    with qtbot.waitSignal(page.chosen) as told:
        button(page, "Show its transfers").click()
    assert told.args == ["sip-a01:8443"]


def test_the_agent_that_is_followed_is_not_offered_again(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book, followed="sip-a01:8443")
    page.select("sip-a01:8443")
    words = [each.text() for each in page.detail.findChildren(QLabel) if each.isVisibleTo(page)]
    assert any("Transfers shows what this agent does." in each for each in words)


def test_an_agent_with_nothing_waiting_is_unpaired_after_one_question(qtbot: QtBot, book: FakeBook) -> None:
    book.statuses["sip-a01:8443"] = a_status("sip-a01", verified=3)
    page = settled(qtbot, book, followed="sip-a01:8443")
    page.select("sip-a01:8443")
    button(page, "Unpair").click()
    assert page.dialog is not None
    assert page.dialog.typed is None
    with qtbot.waitSignal(page.chosen) as told:
        page.dialog.unpair.click()
    assert told.args == [HERE]
    assert ("forget", "sip-a01:8443") in book.calls


def test_where_something_waits_the_servers_name_is_typed(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    page.select("rtg-01:8443")
    button(page, "Unpair").click()
    assert page.dialog is not None
    typed = page.dialog.typed
    assert typed is not None
    assert not page.dialog.unpair.isEnabled()
    typed.setText("rtg-01")
    assert page.dialog.unpair.isEnabled()
    page.dialog.unpair.click()
    qtbot.waitUntil(lambda: len(page.rows()) == 3)


def test_the_agent_of_this_pc_cannot_be_unpaired(qtbot: QtBot, book: FakeBook) -> None:
    page = settled(qtbot, book)
    page.select(HERE)
    buttons = [each for each in page.detail.findChildren(QPushButton) if each.isVisibleTo(page)]
    assert "Unpair" not in [each.text() for each in buttons]


def test_a_vault_that_cannot_be_opened_is_said(qtbot: QtBot, book: FakeBook) -> None:
    def shut() -> list[KnownAgent]:
        raise LocalError("The vault is shut", happened="h.", todo="t.", code="CF-1840")

    book.all = shut  # type: ignore[method-assign]  # the vault is shut from now on
    page = shown(qtbot, book)
    qtbot.waitUntil(lambda: any(n.accessibleName() == "The vault is shut" for n in page.findChildren(Note)))
