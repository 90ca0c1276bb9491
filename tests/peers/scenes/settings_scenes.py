"""The settings' pages, and the question about a certificate that nobody vouches for."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.agentlink import LimitHours, LimitsFrom, TransferLimits
from app.transfer.network import ShownCertificate
from tests.peers.fakes import FakeAgent, fake_services
from tests.peers.scenes.registry import scene
from tests.peers.scenes.stage import Stage
from ui.pages.settings import BANDWIDTH, NETWORK, SettingsPage
from ui.pages.settings.week import Block
from ui.shell.configuration import NetworkChoice, ProxyUse
from ui.shell.shell import SETTINGS
from ui.shell.trust_dialog import TrustDialog

MB = 1_000_000
OFFICE = [0, 1, 2, 3, 4]
LIMITS = TransferLimits(
    rate=None,
    hours=[
        LimitHours(OFFICE, "09:00", "12:00", 8 * MB),
        LimitHours(OFFICE, "07:00", "18:00", 16 * MB),
        LimitHours(OFFICE, "18:00", "00:00", 40 * MB),
    ],
    connections=4,
)


class _Keeper:
    def try_way(self, _choice: NetworkChoice, _password: str | None) -> str:
        return "Caseferry portal answers: 38 ms, TLS 1.3"

    def keep_way(self, choice: NetworkChoice, password: str | None) -> None:
        """Nothing is kept on the stage."""

    def agreed(self) -> dict[str, str]:
        return {"support.vendor.example:443": ":".join(f"{n * 37 % 256:02X}" for n in range(32))}

    def forget_agreed(self, place: str) -> dict[str, str]:
        raise NotImplementedError(place)


def put(stage: Stage, page: SettingsPage, pane: str) -> None:
    shell = stage.shell
    shell.stack.addWidget(page)
    shell.sidebar.show_page(SETTINGS)
    shell.stack.setCurrentWidget(page)
    page.show_pane(pane)


@scene("13b_settings_bandwidth")
def bandwidth(stage: Stage) -> QWidget:
    agent = FakeAgent()
    agent.shown = replace(agent.shown, limits=LIMITS, set_by=LimitsFrom.PERSON, rate_now=16 * MB)
    page = SettingsPage(fake_services(agent=agent), NetworkChoice(), _Keeper())
    put(stage, page, BANDWIDTH)
    stage.until(lambda: page.bandwidth.shown is not None)
    page.bandwidth.grid.select(Block(0, 4, 9, 11))
    agent.close()
    return stage.desktop


@scene("13a_settings_network")
def network(stage: Stage) -> QWidget:
    choice = NetworkChoice(
        use=ProxyUse.THIS,
        proxy="http://proxy.abc.example:3128",
        proxy_user="nadia.ferrow",
        no_proxy=["abc.example", "10.0.0.0/8", "<local>"],
    )
    page = SettingsPage(fake_services(agent=None), choice, _Keeper())
    put(stage, page, NETWORK)
    page.network.try_it()
    stage.until(lambda: page.network.found.words.startswith("Caseferry"))
    return stage.desktop


@scene("14d_trust_certificate")
def trust(stage: Stage) -> QWidget:
    stage.show_cases()
    shown = ShownCertificate("support.vendor.example:443", b"a certificate of the stage")
    TrustDialog(
        f"No authority that this PC trusts has signed the certificate of {shown.place}.",
        digest="SHA-256",
        fingerprint=shown.fingerprint,
        trust="Trust this certificate",
        parent=stage.desktop,
    ).open()
    return stage.desktop


@scene("13b_settings_bandwidth_narrow")
def bandwidth_narrow(stage: Stage) -> QWidget:
    stage.resize(1024, 640)
    return bandwidth(stage)


@scene("13a_settings_network_narrow")
def network_narrow(stage: Stage) -> QWidget:
    stage.resize(1024, 640)
    return network(stage)
