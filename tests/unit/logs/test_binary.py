"""What is text and what is not: nothing that masking cannot read may pass as text."""

from __future__ import annotations

import pickle
import random
import struct
import zlib

import pytest

from app.logs import holds_binary, is_binary, sniff_encoding

CHANCE = random.Random(7)
LOG = "".join(
    f"10:15:{n % 60:02}.118 Std 05060 Kundin Zoë Großmann, Anruf {n} an 7021 übergeben\r\n"
    for n in range(200)
)
ROWS = [{"CustomerName": f"Erika {n}", "ani": 4155550000 + n, "score": n / 7} for n in range(300)]
SIP = (
    "INVITE sip:+4930901820417@192.0.2.17:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK12\r\n"
    'From: "Zoë" <sip:a@b.example>;tag=1\r\nContent-Type: application/ISUP\r\nContent-Length: 40\r\n\r\n'
).encode()

BINARY = {
    "random bytes": CHANCE.randbytes(9000),
    "few random bytes": CHANCE.randbytes(200),
    "every byte": bytes(range(256)) * 50,
    "compressed without its magic": zlib.compress(LOG.encode(), 9)[2:] * 3,
    "whole numbers": struct.pack("<900i", *range(900)),
    "floating numbers": struct.pack("<900d", *(n / 7 for n in range(900))),
    "sound": bytes(CHANCE.choice((0xFE, 0xFF, 0x7E, 0xFD, 0xD5)) for _ in range(3000)),
    "EBCDIC": LOG.encode("cp037", "replace").replace(b"\n", b"\x25"),
    "UTF-32": LOG.encode("utf-32-le"),
    "random UTF-16": b"\xff\xfe" + CHANCE.randbytes(9000),
    "text, then random bytes": LOG.encode() + CHANCE.randbytes(9000),
    **{f"pickle {n}": pickle.dumps(ROWS, protocol=n)[4:] for n in range(1, 6)},
    "pickle by its magic": pickle.dumps(["a log line\n" * 99], protocol=4),
}

TEXT = {
    "UTF-8": LOG.encode(),
    "cp1252": LOG.encode("cp1252"),
    "UTF-16": LOG.encode("utf-16"),
    "UTF-16 without mark": LOG.encode("utf-16-be"),
    "Cyrillic, 8 bits": ("10:15:02 Абонент не отвечает, звонок завершён\n" * 99).encode("cp1251"),
    "Cyrillic, UTF-16": ("10:15:02 Абонент не отвечает 😀\n" * 99).encode("utf-16"),
    "Japanese, Shift-JIS": ("10:15:02 お客様番号を確認しました\n" * 99).encode("shift-jis"),
    "Chinese in one long line": ('{"text":"客户号码已确认"}, ' * 999).encode(),
    "old DOS page": ("10:15:02 Größe überprüft, Straße\r\n" * 99).encode("cp437"),
    "invalid bytes here and there": b"".join(line + b" \xff\xc3(" for line in LOG.encode().splitlines(True)),
    "a hole of NULs": b"\0" * 70_000 + LOG.encode(),
    "NULs at ends of values": LOG.encode().replace(b"7021", b"7021\0"),
    "colours": LOG.replace("Std", "\x1b[32mStd\x1b[0m").encode(),
    "progress": b"10:15 loading 1%\b\b2%\b\b3%\r\n" * 99,
    "SIP with ISUP bodies": (
        SIP + bytes(range(40)) + b"\r\n\r\n" + b"10:15:03.442: Received [0,UDP] 512 bytes\r\n" * 12
    )
    * 20,
    "hex dumps": b"0000: 00 03 00 ff de ad be ef  ........\n" * 99,
    "page feeds": b"10:15 one page\n\f" * 99,
    "one word": b"ok",
    "nothing": b"",
}


@pytest.mark.parametrize("case", BINARY, ids=str)
def test_what_is_not_text_is_known(case: str) -> None:
    assert is_binary(BINARY[case])


@pytest.mark.parametrize("case", TEXT, ids=str)
def test_logs_of_every_kind_are_text(case: str) -> None:
    assert not is_binary(TEXT[case])


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "utf-16-le"])
def test_two_pieces_of_random_bytes_are_found_anywhere(codec: str) -> None:
    text = LOG.encode(codec)
    encoding = sniff_encoding(text)
    assert not holds_binary(text, encoding)
    for at in range(0, 6000, 500):
        assert holds_binary(text[:at] + CHANCE.randbytes(8192) + text[at:], encoding)
