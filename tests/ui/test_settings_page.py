"""Settings: the week's limits go to the agent at once and come back; the way out is tried, then kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.agentlink import LimitHours, TransferLimits
from app.domain.errors import RefusedError, UnreachableError
from tests.peers.fakes import FakeAgent, fake_services
from tests.ui.conftest import nameless
from ui.pages.settings import BANDWIDTH, NETWORK, SettingsPage
from ui.pages.settings.week import PRESETS, Block, grid_of
from ui.shell.configuration import NetworkChoice, ProxyUse
from ui.widgets.choice_box import NumberBox
from ui.widgets.glyphs import Note

MB = 1_000_000


class Keeper:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.tried: list[tuple[NetworkChoice, str | None]] = []
        self.held: list[tuple[NetworkChoice, str | None]] = []
        self.fail: Exception | None = None
        self.places = {"portal.example:443": "AA:BB"}

    def try_way(self, choice: NetworkChoice, password: str | None) -> str:
        self.tried.append((choice, password))
        if self.fail is not None:
            raise self.fail
        return "Portal answers: 38 ms, TLS 1.3"

    def keep_way(self, choice: NetworkChoice, password: str | None) -> None:
        if self.fail is not None:
            raise self.fail
        self.held.append((choice, password))

    def agreed(self) -> dict[str, str]:
        return dict(self.places)

    def forget_agreed(self, place: str) -> dict[str, str]:
        del self.places[place]
        return dict(self.places)


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


def open_page(qtbot: QtBot, agent: FakeAgent | None, keeper: Keeper, pane: str) -> SettingsPage:
    page = SettingsPage(fake_services(agent=agent), NetworkChoice(use=ProxyUse.NONE), keeper)
    qtbot.addWidget(page)
    page.resize(1180, 860)
    page.show()
    page.show_pane(pane)
    return page


@pytest.fixture
def bandwidth(qtbot: QtBot, agent: FakeAgent, keeper: Keeper) -> SettingsPage:
    page = open_page(qtbot, agent, keeper, BANDWIDTH)
    qtbot.waitUntil(lambda: page.bandwidth.shown is not None)
    return page


@pytest.fixture
def network(qtbot: QtBot, keeper: Keeper) -> SettingsPage:
    return open_page(qtbot, None, keeper, NETWORK)


def limits(agent: FakeAgent) -> TransferLimits:
    return agent.shown.limits


def notes(page: QWidget) -> list[str]:
    return [note.accessibleName() for note in page.findChildren(Note) if note.isVisibleTo(page)]


def test_hours_are_dragged_over_and_given_a_limit_by_a_digit(
    qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent
) -> None:
    grid = bandwidth.bandwidth.grid
    start, end = (grid.cell_rect(*cell).center().toPoint() for cell in ((0, 9), (4, 11)))
    qtbot.mousePress(grid, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(grid, end)
    grid.mouseMoveEvent(move_to(end))
    assert grid.block == Block(0, 4, 9, 11)
    qtbot.keyClick(grid, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: bool(limits(agent).hours))
    assert limits(agent) == TransferLimits(hours=[LimitHours([0, 1, 2, 3, 4], "09:00", "12:00", 8 * MB)])


def test_the_arrows_select_and_are_read_aloud(qtbot: QtBot, bandwidth: SettingsPage) -> None:
    grid = bandwidth.bandwidth.grid
    grid.select(Block(0, 0, 9, 9))
    qtbot.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert grid.block == Block(0, 1, 9, 10)
    assert grid.accessibleDescription() == "Mon–Tue 09:00–11:00, no limit"


def test_a_limit_of_ones_own_is_typed(qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent) -> None:
    bandwidth.bandwidth.grid.select(Block(5, 6, 0, 23))
    bandwidth.bandwidth.limit.setEditText("2.5 MB/s")
    editor = bandwidth.bandwidth.limit.lineEdit()
    assert editor is not None
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(limits(agent).hours))
    assert grid_of(limits(agent))[6][12] == 2_500_000


def test_what_is_no_limit_is_said_and_changes_nothing(
    qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent
) -> None:
    bandwidth.bandwidth.limit.setEditText("fast")
    editor = bandwidth.bandwidth.limit.lineEdit()
    assert editor is not None
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: notes(bandwidth) == ["This is no limit of bandwidth"])
    assert agent.called("set_limits") == []


def test_a_change_is_undone(qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent) -> None:
    bandwidth.bandwidth.choose(0)
    qtbot.waitUntil(lambda: bool(limits(agent).hours))
    qtbot.waitUntil(lambda: bool(notes(bandwidth)))
    bandwidth.bandwidth.undo()
    qtbot.waitUntil(lambda: limits(agent) == TransferLimits())


def test_idle_times_and_connections_go_to_the_agent(
    qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent
) -> None:
    bandwidth.bandwidth.only_idle.click()
    qtbot.waitUntil(lambda: limits(agent).only_idle)
    bandwidth.bandwidth.connections.setValue(3)
    bandwidth.bandwidth.connections.editingFinished.emit()
    qtbot.waitUntil(lambda: limits(agent).connections == 3)
    assert limits(agent).only_idle


def test_a_change_before_the_answer_to_another_one_keeps_both(
    qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent
) -> None:
    bandwidth.bandwidth.only_idle.click()
    bandwidth.bandwidth.connections.setValue(3)
    bandwidth.bandwidth.connections.editingFinished.emit()
    qtbot.waitUntil(lambda: limits(agent).connections == 3)
    assert limits(agent).only_idle
    qtbot.waitUntil(lambda: bool(notes(bandwidth)))
    assert bandwidth.bandwidth.only_idle.isChecked()


@pytest.mark.parametrize(("typed", "value"), [("7", 7), ("", 3), ("0", 3), ("99", 3)])
def test_a_number_out_of_range_is_not_taken(qtbot: QtBot, typed: str, value: int) -> None:
    box = NumberBox(1, 16)
    qtbot.addWidget(box)
    box.setValue(3)
    box.setText(typed)
    box.editingFinished.emit()
    assert (box.value(), box.text()) == (value, str(value))
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == value + 1


def test_the_configurations_limits_come_back(qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent) -> None:
    assert not bandwidth.bandwidth.reset.isEnabled()
    bandwidth.bandwidth.choose(PRESETS[1])
    qtbot.waitUntil(bandwidth.bandwidth.reset.isEnabled)
    bandwidth.bandwidth.reset.click()
    qtbot.waitUntil(lambda: limits(agent) == TransferLimits())


def test_limits_that_nobody_may_change_are_shown_only(qtbot: QtBot, agent: FakeAgent, keeper: Keeper) -> None:
    agent.shown = replace(agent.shown, fixed=True)
    page = open_page(qtbot, agent, keeper, BANDWIDTH)
    qtbot.waitUntil(lambda: page.bandwidth.shown is not None)
    page.bandwidth.choose(0)
    assert not page.bandwidth.grid.isEnabled()
    assert agent.called("set_limits") == []


def test_a_refusal_is_said_and_the_grid_is_as_it_was(
    qtbot: QtBot, bandwidth: SettingsPage, agent: FakeAgent
) -> None:
    agent.fail["set_limits"] = RefusedError("No", happened="Fixed.", todo="Ask.", code="CF-1295")
    bandwidth.bandwidth.only_idle.click()
    qtbot.waitUntil(lambda: notes(bandwidth) == ["No"])
    assert not bandwidth.bandwidth.only_idle.isChecked()


def test_without_an_agent_there_is_nothing_to_limit(qtbot: QtBot, keeper: Keeper) -> None:
    page = open_page(qtbot, None, keeper, BANDWIDTH)
    assert page.bandwidth.empty.isVisible()


def test_a_proxy_is_tried_and_then_kept(qtbot: QtBot, network: SettingsPage, keeper: Keeper) -> None:
    pane = network.network
    pane.use.choose("This proxy")
    pane.kind.setCurrentIndex(1)
    pane.host.setText("proxy.example")
    pane.user.setText("nadia")
    pane.password.setText("secret")
    pane.no_proxy.setText("10.0.0.0/8, <local>")
    pane.test.click()
    qtbot.waitUntil(lambda: pane.found.words.startswith("Portal answers"))
    with qtbot.waitSignal(network.network_kept) as kept:
        pane.keep.click()
    choice = NetworkChoice(
        use=ProxyUse.THIS,
        proxy="socks5://proxy.example:1080",
        proxy_user="nadia",
        no_proxy=["10.0.0.0/8", "<local>"],
    )
    assert kept.args == [choice]
    assert keeper.tried == keeper.held == [(choice, "secret")]
    assert pane.password.text() == ""


def test_a_password_that_was_not_typed_is_left_as_it_is_and_without_a_user_forgotten(
    qtbot: QtBot, network: SettingsPage, keeper: Keeper
) -> None:
    network.network.use.choose("System proxy")
    network.network.user.setText("nadia")
    with qtbot.waitSignal(network.network_kept):
        network.network.keep.click()
    network.network.user.clear()
    with qtbot.waitSignal(network.network_kept):
        network.network.keep.click()
    assert [password for _choice, password in keeper.held] == [None, ""]


def test_a_way_that_does_not_lead_there_is_said_and_not_kept(
    qtbot: QtBot, network: SettingsPage, keeper: Keeper
) -> None:
    keeper.fail = UnreachableError("The proxy cannot be reached", happened="No.", todo="Check.")
    network.network.test.click()
    qtbot.waitUntil(lambda: notes(network) == ["The proxy cannot be reached"])
    network.network.keep.click()
    qtbot.waitUntil(lambda: notes(network) == ["The proxy cannot be reached"])
    assert keeper.held == []


def test_what_was_agreed_to_is_forgotten(qtbot: QtBot, network: SettingsPage, keeper: Keeper) -> None:
    card = network.network.agreed_card
    qtbot.waitUntil(lambda: "portal.example:443" in words_of(card))
    next(each for each in buttons_of(card) if each.accessibleName() == "Forget portal.example:443").click()
    qtbot.waitUntil(lambda: "None" in words_of(card))
    assert keeper.places == {}


@pytest.mark.parametrize("pane", [BANDWIDTH, NETWORK])
def test_everything_has_a_name(qtbot: QtBot, agent: FakeAgent, keeper: Keeper, pane: str) -> None:
    page = open_page(qtbot, agent, keeper, pane)
    qtbot.waitUntil(lambda: page.bandwidth.shown is not None or pane == NETWORK)
    assert nameless(page) == []


def move_to(point: QPoint):  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(point),
        QPointF(point),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def words_of(widget: QWidget) -> list[str]:
    from ui.widgets.labels import TextLabel

    return [each.words for each in widget.findChildren(TextLabel) if each.isVisibleTo(widget)]


def buttons_of(widget: QWidget):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QPushButton

    return widget.findChildren(QPushButton)


def test_the_smallest_window_shows_all_of_the_week(qtbot: QtBot, agent: FakeAgent, keeper: Keeper) -> None:
    page = open_page(qtbot, agent, keeper, BANDWIDTH)
    page.resize(1024 - 56, 640)
    qtbot.waitUntil(lambda: page.bandwidth.shown is not None)
    qtbot.waitUntil(
        lambda: page.bandwidth.grid.visibleRegion().boundingRect().width() == page.bandwidth.grid.width()
    )
    right = page.bandwidth.limit.mapTo(page, page.bandwidth.limit.rect().topRight()).x()
    assert right < page.width()
