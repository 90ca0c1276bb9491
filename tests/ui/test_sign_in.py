"""Signing in through the browser, on the real portal: what is checked, what goes wrong, what is shown."""

from __future__ import annotations

import ssl
import threading
from functools import partial
from pathlib import Path

import pytest
import requests
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.portal import PersonTokens, sign_in_with_browser
from app.secrets import FileVault
from app.settings import Trust
from app.transfer.network import Pins, ShownCertificate, show_certificate
from tests.peers.portal import PortalProcess, fill_sign_in
from tests.ui.conftest import nameless
from ui.pages.sign_in import SignInPage
from ui.shell.surroundings import Surroundings
from ui.shell.trust_dialog import TrustDialog
from ui.widgets.glyphs import Note


def browser_of(portal: PortalProcess, address: str) -> bool:
    """Does what a person does in the browser, in a thread of its own."""
    person = portal.person("Nadia")

    def sign_in() -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(portal.ca_file)
            target = fill_sign_in(session, address, email=person.email, password=person.password)
            session.get(target, timeout=60)

    threading.Thread(target=sign_in, daemon=True).start()
    return True


def page_of(portal: PortalProcess, tmp_path: Path, *, trust: Trust | None = None) -> SignInPage:
    return SignInPage(
        address=portal.url,
        trusting=Surroundings(
            portal="", trust=trust or Trust(portal.ca_file), agent="", data=tmp_path / "desktop"
        ),
        open_store=lambda: FileVault(tmp_path / "vault", bytes(32)),
        sign_in=partial(sign_in_with_browser, open_browser=partial(browser_of, portal)),
    )


def test_the_portal_is_looked_at_before_anyone_signs_in(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(page.checks()) >= 2 and not page.busy(), timeout=10_000)
    assert "TLS 1.3" in page.checks()[0].text
    assert page.demo.isVisible()
    assert nameless(page) == []


def test_signing_in_with_the_browser_gives_tokens(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.signed_in, timeout=20_000) as signed_in:
        page.begin()
    address, tokens = signed_in.args
    assert address == demo_portal.url
    assert isinstance(tokens, PersonTokens)
    assert tokens.bearer()


def test_a_portal_that_is_not_trusted_is_said_and_nothing_is_sent(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path, trust=Trust())
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: bool(page.findChildren(Note)), timeout=10_000)
    assert page.checks() == []


@pytest.mark.parametrize("address", ["http://support.example.com", "https://", "ftp://x"])
def test_an_address_that_is_none_is_refused_with_its_reason(
    qtbot: QtBot, tmp_path: Path, address: str
) -> None:
    page = SignInPage(
        address="",
        trusting=Surroundings(portal="", trust=Trust(), agent="", data=tmp_path / "desktop"),
        open_store=lambda: FileVault(tmp_path / "vault", bytes(32)),
    )
    qtbot.addWidget(page)
    page.address.setText(address)
    page.begin()
    assert page.findChildren(Note)
    assert page.button.isEnabled()


def dialog_of(page: SignInPage, qtbot: QtBot) -> TrustDialog:
    """The dialog that shows the certificate, opened from the error."""
    qtbot.waitUntil(lambda: bool(page.findChildren(Note)), timeout=10_000)
    button = next(each for each in page.findChildren(QPushButton) if "certificate" in each.text())
    button.click()
    qtbot.waitUntil(lambda: bool(page.window().findChildren(TrustDialog)), timeout=10_000)
    return page.window().findChildren(TrustDialog)[0]


def shown_of(portal: PortalProcess) -> str:
    return show_certificate("127.0.0.1", int(portal.url.rpartition(":")[2])).fingerprint


def test_the_question_stands_in_the_middle_of_its_window(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path, trust=Trust())
    qtbot.addWidget(page)
    page.show()
    dialog = dialog_of(page, qtbot)
    away = dialog.frameGeometry().center() - page.mapToGlobal(page.rect().center())
    assert abs(away.x()) <= 8  # the frame counts, too
    assert abs(away.y()) <= 8
    dialog.refuse.click()


def test_a_certificate_counts_after_a_person_has_compared_and_agreed(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path, trust=Trust())
    qtbot.addWidget(page)
    page.show()
    dialog = dialog_of(page, qtbot)
    assert shown_of(demo_portal) in dialog.fingerprint.accessibleName()
    assert not dialog.trust.isEnabled()
    dialog.compared.setChecked(True)
    dialog.trust.click()
    qtbot.waitUntil(lambda: len(page.checks()) >= 2 and not page.busy(), timeout=10_000)
    assert page.findChildren(TrustDialog) == [] or not dialog.isVisible()
    assert Pins(tmp_path / "certificates.json").places() == {
        demo_portal.url.removeprefix("https://"): shown_of(demo_portal)
    }


def test_a_dialog_that_is_closed_agrees_to_nothing(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    page = page_of(demo_portal, tmp_path, trust=Trust())
    qtbot.addWidget(page)
    page.show()
    dialog = dialog_of(page, qtbot)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.window().findChildren(TrustDialog))
    assert not (tmp_path / "certificates.json").exists()
    assert page.checks() == []


def test_a_portal_with_another_certificate_is_refused_with_both_and_no_way_to_agree(
    qtbot: QtBot, demo_portal: PortalProcess, tmp_path: Path
) -> None:
    place = demo_portal.url.removeprefix("https://")
    other = ssl.PEM_cert_to_DER_cert(demo_portal.ca_file.read_text())
    Pins(tmp_path / "certificates.json").keep(
        ShownCertificate(place, other), confirmed=ShownCertificate(place, other).fingerprint
    )
    page = page_of(demo_portal, tmp_path, trust=Trust())
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: bool(page.findChildren(Note)), timeout=10_000)
    said = page.findChildren(Note)[0].accessibleDescription()
    assert shown_of(demo_portal) in said
    assert ShownCertificate(place, other).fingerprint in said
    assert not any("certificate" in each.text() for each in page.findChildren(QPushButton))
