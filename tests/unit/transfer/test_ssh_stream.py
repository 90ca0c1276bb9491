"""How much of a server's window is taken at once, and what is read of a connection that broke."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import paramiko
import pytest

from app.transfer.ssh.packets import Source
from app.transfer.ssh.stream import FastStream

WINDOW = 2 << 20


class Packets:
    """Takes what is sent, and notes how much of it went at once."""

    seals_data = True

    def __init__(self) -> None:
        self.ended = False
        self.at_once: list[int] = []

    def send_data(self, _channel: int, source: Source, sizes: Sequence[int]) -> None:
        for size in sizes:
            source.fill(memoryview(bytearray(size)))
        self.at_once.append(sum(sizes))


class Transport:
    """One that exchanges no keys."""

    active = True

    def __init__(self) -> None:
        self.clear_to_send, self.clear_to_send_lock = threading.Event(), threading.Lock()
        self.clear_to_send.set()

    def _send_user_message(self, _message: Any) -> None:
        raise EOFError


class DeadPeer(Transport):
    """A server that takes nothing; who sends to it has waited for as long as is waited."""

    def __init__(self) -> None:
        super().__init__()
        self.sends = 0

    def _send_user_message(self, _message: Any) -> None:
        self.sends += 1
        raise TimeoutError


class Givings:
    """A server that opens its window by little, each time that it is waited for."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel

    def wait_for(self, enough: Callable[[], bool], _seconds: float) -> None:
        while not enough():
            self.channel.out_window_size += 100_000


class Stingy:
    """A server that opens its window only when nothing of it is left."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.waits = 0

    def wait_for(self, _enough: Callable[[], bool], _seconds: float) -> None:
        self.waits += 1

    def wait(self, _seconds: float | None) -> None:
        self.channel.out_window_size += 100_000


@pytest.fixture
def line() -> tuple[FastStream, Any, Packets]:
    """A near server's channel whose window was 2 MiB and is used up but for 1000 bytes."""
    channel: Any = paramiko.Channel(0)
    channel.out_window_size, channel.out_max_packet_size = WINDOW, 32768
    packets, transport = Packets(), Transport()
    made: Any = FastStream
    stream = made(channel, transport, packets)
    stream.near = True
    stream.send(bytes(WINDOW - 1000))
    packets.at_once.clear()
    return stream, channel, packets


def test_a_near_server_is_sent_much_at_once_however_little_it_gives(
    line: tuple[FastStream, Any, Packets],
) -> None:
    stream, channel, packets = line
    channel.out_buffer_cv = Givings(channel)
    stream.send(bytes(261_000))
    assert packets.at_once[0] > 250_000


def test_a_server_that_gives_nothing_while_some_is_left_gets_what_fits(
    line: tuple[FastStream, Any, Packets],
) -> None:
    stream, channel, packets = line
    channel.out_buffer_cv = Stingy(channel)
    stream.send(bytes(5000))
    assert packets.at_once == [1000, 4000]


def test_for_a_far_server_nothing_is_held_back(line: tuple[FastStream, Any, Packets]) -> None:
    stream, channel, packets = line
    channel.out_buffer_cv = Stingy(channel)
    stream.near = False
    stream.send(bytes(5000))
    assert (packets.at_once, channel.out_buffer_cv.waits) == ([1000, 4000], 0)


def test_what_came_is_read_although_the_connection_takes_nothing_any_more(
    line: tuple[FastStream, Any, Packets],
) -> None:
    stream, channel, _packets = line
    pieces = [bytes([number]) * 32_768 for number in range(60)]
    channel._set_window(WINDOW, 32_768)
    channel.active = True
    channel.in_buffer.feed(*map(memoryview, pieces))
    channel.in_buffer.close()
    came = list(iter(lambda: bytes(stream.receive(40_000)), b""))
    assert came == pieces


def test_a_silence_that_was_waited_out_once_is_not_waited_for_again(
    line: tuple[FastStream, Any, Packets],
) -> None:
    def read_on() -> None:
        while piece := stream.receive(40_000):
            came.append(len(piece))

    stream, channel, _packets = line
    stream._transport = peer = DeadPeer()
    channel._set_window(WINDOW, 32_768)
    channel.active = True
    channel.settimeout(6.0)
    channel.in_buffer.feed(memoryview(bytes(WINDOW)))
    began, came = time.monotonic(), list[int]()
    with pytest.raises(TimeoutError):
        read_on()
    assert (sum(came), peer.sends) == (WINDOW, 1)
    assert time.monotonic() - began < 3.0


def test_nothing_is_sent_behind_what_may_have_left_in_part(
    line: tuple[FastStream, Any, Packets],
) -> None:
    stream, channel, packets = line
    channel._set_window(WINDOW, 32_768)
    channel.active = True
    channel.in_buffer.feed(memoryview(bytes(WINDOW)))
    stream.receive(WINDOW)
    channel.out_window_size = WINDOW
    with pytest.raises(EOFError):
        stream.send(b"more")
    assert packets.at_once == []
