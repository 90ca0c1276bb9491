"""A connection over a way that loses packets: by which rule the system sends on it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from app.transfer.destination import LossyLane
from app.transfer.network import expect_loss
from app.transfer.sftp_lane import SftpLane
from app.transfer.tus_lane import TusLane

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a program choose")


@linux
def test_it_sends_by_the_measured_rate_where_the_system_allows_it_and_as_before_elsewhere() -> None:
    allowed = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control").read_text().split()
    with socket.socket() as sock:
        before = _rule(sock)
        assert _rule(sock) == ("bbr" if expect_loss(sock) else before)
        assert _rule(sock) == "bbr" or "bbr" not in allowed


@linux
def test_a_connection_that_is_closed_meanwhile_is_left_alone() -> None:
    sock = socket.socket()
    sock.close()
    assert not expect_loss(sock)


def test_elsewhere_nothing_is_asked_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock, monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "win32")
        assert not expect_loss(sock)


@pytest.mark.parametrize("lane", [SftpLane, TusLane])
def test_both_ways_of_sending_can_be_told(lane: type) -> None:
    assert issubclass(lane, LossyLane)


def _rule(sock: socket.socket) -> str:
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()
