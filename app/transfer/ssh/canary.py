"""Whether paramiko is still the one whose private names the fast path uses."""

from __future__ import annotations

import inspect
from functools import cache

import paramiko
from paramiko.channel import Channel
from paramiko.packet import Packetizer
from paramiko.transport import Transport

VERSIONS = ("5.1.",)

_EXPECTED: dict[str, tuple[type, tuple[str, ...]]] = {
    "Packetizer.send_message": (Packetizer, ("self", "data")),
    "Packetizer.read_message": (Packetizer, ("self",)),
    "Packetizer.read_all": (Packetizer, ("self", "n", "check_rekey")),
    "Packetizer.write_all": (Packetizer, ("self", "out")),
    "Packetizer.readline": (Packetizer, ("self", "timeout")),
    "Packetizer.set_outbound_compressor": (Packetizer, ("self", "compressor")),
    "Packetizer.set_inbound_compressor": (Packetizer, ("self", "compressor")),
    "Packetizer.handshake_timed_out": (Packetizer, ("self",)),
    "Packetizer.need_rekey": (Packetizer, ("self",)),
    "Packetizer._trigger_rekey": (Packetizer, ("self",)),
    "Packetizer._check_keepalive": (Packetizer, ("self",)),
    "Channel._wait_for_send_window": (Channel, ("self", "size")),
    "Channel._check_add_window": (Channel, ("self", "n")),
    "Channel._event_pending": (Channel, ("self",)),
    "Channel._wait_for_event": (Channel, ("self",)),
    "Channel._window_adjust": (Channel, ("self", "m")),
    "Channel._feed": (Channel, ("self", "m")),
    "Channel._feed_extended": (Channel, ("self", "m")),
    "Transport._send_user_message": (Transport, ("self", "data")),
}
_CIPHER_ARGUMENTS = {
    "set_outbound_cipher": {"block_engine", "aead", "iv_out"},
    "set_inbound_cipher": {"block_engine", "aead", "iv_in"},
}
_CHANNEL = ("in_buffer", "lock", "out_buffer_cv", "out_window_size", "remote_chanid", "timeout", "closed")
_TRANSPORT = ("clear_to_send", "clear_to_send_lock", "clear_to_send_timeout", "active", "packetizer")


def missing_names() -> tuple[str, ...]:
    """What the fast path needs and this paramiko does not have, or has in another form; empty: it fits."""
    missing = [name for name, (owner, arguments) in _EXPECTED.items() if _arguments(owner, name) != arguments]
    missing += [
        f"Packetizer.{name}"
        for name, wanted in _CIPHER_ARGUMENTS.items()
        if not wanted <= set(_arguments(Packetizer, f"Packetizer.{name}"))
    ]
    if "packetizer_class" not in inspect.signature(Transport.__init__).parameters:
        missing.append("Transport(packetizer_class=)")
    if not isinstance(getattr(Transport, "_channel_handler_table", None), dict):
        missing.append("Transport._channel_handler_table")
    channel = Channel(0)
    missing += [f"Channel.{name}" for name in _CHANNEL if not hasattr(channel, name)]
    # A frozen program has no source to look into, but it has the names.
    known = Transport.__init__.__code__.co_names
    missing += [f"Transport.{name}" for name in _TRANSPORT if name not in known]
    return tuple(missing)


@cache
def hot_path_fits() -> bool:
    """Whether the fast path can be used; without it everything goes paramiko's own, slower way."""
    return paramiko.__version__.startswith(VERSIONS) and not missing_names()


def _arguments(owner: type, name: str) -> tuple[str, ...]:
    found = getattr(owner, name.rpartition(".")[2], None)
    return () if found is None else tuple(inspect.signature(found).parameters)
