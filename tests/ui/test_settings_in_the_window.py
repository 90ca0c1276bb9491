"""Settings in the real window on the real portal: where they are, and a new way out that is taken at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.portal import sign_in_with_browser
from app.settings import Trust
from tests.peers.portal import PortalProcess
from tests.peers.proxies import TestProxy
from tests.ui.test_sign_in import browser_of
from ui.shell.configuration import DesktopSettings, NetworkChoice, ProxyUse, read_settings, settings_path
from ui.shell.shell import SETTINGS
from ui.shell.surroundings import Surroundings
from ui.shell.window import Desktop


@pytest.fixture
def desktop(
    demo_portal: PortalProcess, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Desktop:
    """A window whose sign-in lies in a vault, as after a usual start."""
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    none = NetworkChoice(use=ProxyUse.NONE)
    surroundings = Surroundings(
        portal=demo_portal.url,
        trust=Trust(demo_portal.ca_file),
        agent="",
        data=tmp_path / "desktop",
        network=none,
    )
    sign_in_with_browser(
        demo_portal.url,
        trust=surroundings.trust_for(demo_portal.url),
        store=surroundings.open_store(),
        open_browser=partial(browser_of, demo_portal),
    )
    window = Desktop(DesktopSettings(portal=demo_portal.url, network=none), surroundings)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    qtbot.waitUntil(lambda: window.shell is not None and window.shell.session.online, timeout=20_000)
    return window


def test_a_new_proxy_is_taken_at_once_and_kept(desktop: Desktop, qtbot: QtBot) -> None:
    assert desktop.shell is not None
    desktop.shell.show_page(SETTINGS)
    pane = desktop.shell.settings.network
    with TestProxy(user="nadia", password="p@ss") as proxy:
        pane.use.choose("This proxy")
        pane.host.setText("127.0.0.1")
        pane.port.setValue(proxy.port)
        pane.user.setText("nadia")
        pane.password.setText("p@ss")
        with qtbot.waitSignal(desktop.entered, timeout=20_000):
            pane.keep.click()
        shell = desktop.shell
        qtbot.waitUntil(lambda: shell.session.online, timeout=20_000)
        assert proxy.asked
        assert shell.stack.currentWidget() is shell.settings
        assert read_settings(settings_path()).network.proxy == f"http://127.0.0.1:{proxy.port}"
        desktop.close()
