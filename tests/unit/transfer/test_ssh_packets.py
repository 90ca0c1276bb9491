"""The fast way of SSH packets, against paramiko's own packets on the other end of a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from paramiko.buffered_pipe import PipeTimeout
from paramiko.message import Message
from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

from app.transfer.ssh import hot_path_fits, missing_names
from app.transfer.ssh import packets as packets_module
from app.transfer.ssh.packets import LONGEST_DATA, PACKETS_AT_ONCE, DataMessage, Packets
from app.transfer.ssh.pipe import ChunkPipe
from tests.peers.poor_sockets import refuse_low_water

KEY, IV = bytes(range(16)), bytes(8) + b"\xff\xff\xff\xfe"


def test_paramiko_is_the_one_whose_private_names_the_fast_way_uses() -> None:
    assert missing_names() == ()
    assert hot_path_fits()


def test_another_paramiko_takes_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(paramiko.Channel, "_wait_for_send_window")
    assert missing_names() == ("Channel._wait_for_send_window",)


def ciphered(packets: Packetizer, *, out: bool, key: bytes = KEY) -> None:
    named: dict[str, Any] = {"block_size": 16, "mac_engine": None, "mac_size": 16, "mac_key": None}
    named |= {"block_engine": AESGCM(key), "aead": True}
    if out:
        packets.set_outbound_cipher(iv_out=IV, **named)
    else:
        packets.set_inbound_cipher(iv_in=IV, **named)


@pytest.fixture
def ends() -> Iterator[tuple[Packets, Packetizer]]:
    """Ours and paramiko's, with keys for both directions."""
    one, other = socket.socketpair()
    with one, other:
        for sock in (one, other):
            sock.settimeout(0.1)
        ours, theirs = Packets(one), Packetizer(other)
        for packets in (ours, theirs):
            ciphered(packets, out=True)
            ciphered(packets, out=False)
        yield ours, theirs


class Bytes:
    """A `Source`."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def fill(self, into: memoryview) -> None:
        into[:], self.left = self.left[: len(into)], self.left[len(into) :]


def message(payload: bytes) -> Message:
    made = Message()
    made.add_bytes(payload)
    return made


def channel_data(channel: int, data: bytes) -> Message:
    made = Message()
    made.add_byte(b"\x5e")
    made.add_int(channel)
    made.add_string(data)
    return made


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, LONGEST_DATA), min_size=1, max_size=PACKETS_AT_ONCE))
def test_sealed_data_is_what_paramiko_opens(sizes: list[int]) -> None:
    one, other = socket.socketpair()
    with one, other:
        ours, theirs = Packets(one), Packetizer(other)
        ciphered(ours, out=True)
        ciphered(theirs, out=False)
        data = bytes(number % 251 for number in range(sum(sizes)))
        sender = threading.Thread(target=ours.send_data, args=(7, Bytes(data), sizes))
        sender.start()
        came = []
        for size in sizes:
            kind, opened = theirs.read_message()
            assert (kind, opened.get_int()) == (94, 7)
            came.append(opened.get_binary())
            assert len(came[-1]) == size
        sender.join()
    assert b"".join(came) == data


@settings(max_examples=30, deadline=None)
@given(payloads=st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=20))
def test_packets_of_paramiko_are_opened(payloads: list[bytes]) -> None:
    one, other = socket.socketpair()
    with one, other:
        ours, theirs = Packets(one), Packetizer(other)
        ciphered(ours, out=False)
        ciphered(theirs, out=True)
        for payload in payloads:
            # 5 is a kind that nobody sends on a channel.
            theirs.send_message(message(b"\x05" + payload))
        for payload in payloads:
            kind, opened = ours.read_message()
            assert (kind, opened.asbytes()) == (5, payload)


def test_channel_data_is_not_copied_into_a_message(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    theirs.send_message(channel_data(3, b"abc"))
    _kind, opened = ours.read_message()
    assert isinstance(opened, DataMessage)
    assert (opened.get_int(), opened.get_binary()) == (3, b"abc")


def test_channel_data_that_lies_behind_comes_along(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    for data in (b"ab", b"c", b"def"):
        theirs.send_message(channel_data(3, data))
    _kind, opened = ours.read_message()
    assert opened.get_binary() == b"abcdef"


def test_data_in_front_of_a_packet_that_is_spoilt_has_come(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    for data in (b"ab", b"c"):
        theirs.send_message(channel_data(3, data))
    ciphered(theirs, out=True, key=KEY[::-1])
    theirs.send_message(channel_data(3, b"def"))
    _kind, opened = ours.read_message()
    assert opened.get_binary() == b"abc"
    with pytest.raises(SSHException, match="Mismatched MAC"):
        ours.read_message()


@pytest.mark.parametrize("between", [message(b"\x05x"), channel_data(4, b"of another channel")])
def test_what_is_no_data_of_the_channel_keeps_its_place(
    ends: tuple[Packets, Packetizer], between: Message
) -> None:
    ours, theirs = ends
    for sent in (channel_data(3, b"before"), between, channel_data(3, b"behind")):
        theirs.send_message(sent)
    came = [ours.read_message() for _ in range(3)]
    assert came[1][0] == between.asbytes()[0]
    assert (came[0][1].get_binary(), came[2][1].get_binary()) == (b"before", b"behind")


def grant(channel: int, count: int) -> Message:
    made = Message()
    made.add_byte(b"\x5d")
    made.add_int(channel)
    made.add_int(count)
    return made


def test_windows_that_lie_behind_one_another_are_one(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    for count in (1000, 200, 30):
        theirs.send_message(grant(7, count))
    theirs.send_message(grant(8, 4))
    theirs.send_message(channel_data(7, b"data"))
    theirs.send_message(grant(7, 5))
    came = [ours.read_message() for _time in range(4)]
    assert [(kind, said.get_int()) for kind, said in came] == [(93, 7), (93, 8), (94, 7), (93, 7)]
    assert [said.get_int() for kind, said in came if kind == 93] == [1230, 4, 5]


def test_a_window_beyond_all_measure_is_the_widest(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    for _time in range(3):
        theirs.send_message(grant(7, 0xFFFF_FFFF))
    _kind, said = ours.read_message()
    assert (said.get_int(), said.get_int()) == (7, 0xFFFF_FFFF)


def test_who_sends_less_than_was_expected_is_heard_all_the_same() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = socket.create_connection(listening.getsockname())
        other, _from = listening.accept()
    with one, other:
        one.settimeout(0.02)
        ours, theirs = Packets(one), Packetizer(other)
        ciphered(ours, out=False)
        ciphered(theirs, out=True)
        ours.expect(64 << 20)
        theirs.send_message(channel_data(3, b"all of it"))
        assert ours.read_message()[1].get_binary() == b"all of it"


def test_a_system_without_a_low_water_mark_is_asked_for_it_once(
    ends: tuple[Packets, Packetizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    asked = refuse_low_water(monkeypatch)
    for _time in range(3):
        ours.expect(1 << 30)
        theirs.send_message(channel_data(7, b"some"))
        assert ours.read_message()[0] == 94
        ours.expect(0)
        theirs.send_message(channel_data(7, b"more"))
        assert ours.read_message()[0] == 94
    assert len(asked) <= 1


def test_what_was_expected_under_an_earlier_key_is_not_waited_for(
    ends: tuple[Packets, Packetizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    theirs.send_message(channel_data(3, bytes(30_000)))
    ours.read_message()
    ours.expect(64 << 20)
    ciphered(ours, out=False)
    ciphered(theirs, out=True)
    theirs.send_message(channel_data(3, b"little"))
    waited: list[int] = []
    monkeypatch.setattr(ours, "_wait_for", waited.append)
    ours.read_message()
    assert waited == [1]


def test_a_changed_byte_ends_the_connection(ends: tuple[Packets, Packetizer]) -> None:
    ours, theirs = ends
    ciphered(theirs, out=True, key=KEY[::-1])
    theirs.send_message(message(b"\x05hello"))
    with pytest.raises(SSHException, match="Mismatched MAC"):
        ours.read_message()


@pytest.mark.parametrize("length", [0, 8, 17, 1 << 20, 0xFFFF_FFF0])
def test_an_impossible_length_is_refused_before_anything_is_read(length: int) -> None:
    one, other = socket.socketpair()
    with one, other:
        ours = Packets(one)
        ciphered(ours, out=False)
        other.sendall(length.to_bytes(4, "big") + bytes(64))
        with pytest.raises(SSHException, match="impossible length"):
            ours.read_message()


def test_other_keys_are_asked_for_in_time(
    ends: tuple[Packets, Packetizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets_module, "REKEY_BYTES_AEAD", 1000)
    ours, theirs = ends
    ours.send_message(message(b"\x05" + bytes(800)))
    assert not ours.need_rekey()
    ours.send_message(message(b"\x05" + bytes(800)))
    assert ours.need_rekey()
    ciphered(ours, out=True)
    ciphered(ours, out=False)
    assert not ours.need_rekey()
    theirs.send_message(message(b"\x05" + bytes(2000)))
    ours.read_message()
    assert ours.need_rekey()


def test_a_socket_that_takes_nothing_is_given_up() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(0.01)
        ours = Packets(one)
        ciphered(ours, out=True)
        ours.stall = 0.05
        other.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(TimeoutError):
            ours.write_all(bytes(16 << 20))


def test_the_greeting_may_come_with_the_first_packet() -> None:
    one, other = socket.socketpair()
    with one, other:
        ours = Packets(one)
        other.sendall(b"SSH-2.0-x\r\n" + bytes.fromhex("0000000c0a05") + bytes(10))
        assert ours.readline(1.0) == "SSH-2.0-x"
        kind, _opened = ours.read_message()
        assert kind == 5


@given(fed=st.lists(st.binary(max_size=20)), asked=st.lists(st.integers(1, 30)))
def test_a_pipe_gives_what_it_was_fed_in_order(fed: list[bytes], asked: list[int]) -> None:
    pipe = ChunkPipe(1000)
    for data in fed:
        pipe.feed(data)
    pipe.close()
    taken = [bytes(pipe.take(most)) for most in asked]
    assert all(len(piece) <= most for piece, most in zip(taken, asked, strict=True))
    assert b"".join(taken) + pipe.empty() == b"".join(fed)
    assert pipe.read(10) == b""


@given(fed=st.lists(st.binary(max_size=20)))
def test_all_that_lies_in_a_pipe_is_taken_at_once(fed: list[bytes]) -> None:
    pipe = ChunkPipe(1000)
    pipe.feed(*fed)
    pipe.close()
    assert b"".join(pipe.take_all()) == b"".join(fed)
    assert (len(pipe), pipe.take_all()) == (0, [])


def test_a_pipe_takes_no_more_than_its_window() -> None:
    pipe = ChunkPipe(10)
    pipe.feed(b"12345678")
    with pytest.raises(SSHException, match="window"):
        pipe.feed(b"901")


def test_an_empty_pipe_is_waited_for_as_long_as_said() -> None:
    with pytest.raises(PipeTimeout):
        ChunkPipe(10).take(1, 0.01)


@pytest.mark.parametrize("use", ["send", "receive"])
def test_a_connection_that_is_no_more_is_known_before_the_transport_ends(
    ends: tuple[Packets, Packetizer], use: str
) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        ours.write_all(bytes(1000)) if use == "send" else ours.read_all(1)
    assert ours.ended
