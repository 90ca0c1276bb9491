"""Control, progress, metadata, addresses, host keys and the source's running digest."""

from __future__ import annotations

import hashlib
import os
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InputError, LocalError
from app.domain.files import SealedBundle
from app.transfer import Control, SftpDestination, SftpLogin, SourceChanged, TusDestination, idempotency_key
from app.transfer.control import Wish
from app.transfer.login import HostKey
from app.transfer.parts import Part, PartState
from app.transfer.progress import RateMeter
from app.transfer.source import Source
from app.transfer.tus_answers import encode_metadata
from app.transfer.whole import WholeDigest
from tests.peers.sealed import sealed_bundle

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0ClLfOWczarDMbeLSACCg8pc5Ao91RD5CfhzBvnuDD a comment"
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


def test_a_cancel_cannot_be_taken_back() -> None:
    control = Control()
    control.cancel()
    control.resume()
    assert control.wish is Wish.CANCEL


def test_a_cancel_wins_over_a_stop() -> None:
    control = Control()
    control.stop()
    control.pause()
    control.cancel()
    assert control.wish is Wish.CANCEL


def test_a_wait_ends_when_something_else_is_asked() -> None:
    control = Control()
    control.pause()
    thread = threading.Thread(target=control.resume)
    thread.start()
    assert control.wait_for_change(Wish.PAUSE, seconds=30) is Wish.GO
    thread.join()


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4))
def test_keys_are_equal_only_for_equal_parts(one: list[str], other: list[str]) -> None:
    assert (idempotency_key(*one) == idempotency_key(*other)) == (one == other)


def test_a_steady_stream_has_its_rate() -> None:
    meter = RateMeter(now=0.0)
    for tick in range(1, 101):
        meter.add(1000, now=tick / 10)
    assert meter.rate == pytest.approx(10_000)
    assert meter.eta(50_000, now=10.0) == pytest.approx(5.0)


def test_one_burst_does_not_turn_the_rate_over() -> None:
    meter = RateMeter(now=0.0)
    for tick in range(1, 101):
        meter.add(1000, now=tick / 10)
    meter.add(100_000, now=10.1)
    assert meter.rate < 25_000


def test_in_the_first_five_seconds_nobody_says_how_long_it_takes() -> None:
    meter = RateMeter(now=0.0)
    for tick in range(1, 50):
        meter.add(1000, now=tick / 10)
        assert meter.eta(100_000 - 1000 * tick, now=tick / 10) is None
    meter.add(1000, now=5.0)
    assert meter.eta(50_000, now=5.0) == pytest.approx(5.0)


def test_what_is_left_is_the_median_of_half_a_minute() -> None:
    """Four seconds in which nothing moves turn the rate over by a third, and the time left hardly."""
    meter, left = RateMeter(now=0.0), 1_000_000
    for second in range(1, 41):
        left -= 10_000
        meter.add(10_000, now=float(second))
        meter.eta(left, now=float(second))
    for second in range(41, 45):
        meter.add(0, now=float(second))
        said = meter.eta(left, now=float(second))
    assert left / meter.rate > 85
    assert said == pytest.approx(60, rel=0.1)


def test_a_slow_beginning_does_not_weigh_on_the_rate() -> None:
    """Connecting takes a second, the first steps bring little; then it moves 1000 bytes a second."""
    meter = RateMeter(now=0.0)
    meter.add(0, now=1.0)
    meter.add(5, now=1.05)
    for tick in range(1, 41):
        meter.add(100, now=1.05 + tick / 10)
    assert meter.rate == pytest.approx(1000, rel=0.05)


def test_nothing_moved_has_no_eta() -> None:
    assert RateMeter(now=0.0).eta(10, now=9.0) is None


@given(st.dictionaries(WORDS, st.text(min_size=1, max_size=20)))
def test_metadata_come_back_as_they_were(pairs: dict[str, str]) -> None:
    encoded = encode_metadata(pairs)
    words = [pair.split(" ") for pair in encoded.split(",")] if encoded else []
    assert {name: b64decode(value).decode() for name, value in words} == pairs


def test_empty_metadata_are_left_out() -> None:
    assert encode_metadata({"a": "", "b": "x"}) == "b eA=="


@pytest.mark.parametrize("key", ["", "a b", "a,b", "ä", "a\n"])
def test_metadata_keys_that_break_the_header_are_refused(key: str) -> None:
    with pytest.raises(InputError):
        encode_metadata({key: "x"})


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/files",
        "portal.example",
        "https://",
        "https://u:p@portal.example",
        "https://h:99999/",
    ],
)
def test_an_address_without_tls_or_host_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        TusDestination(url, ssl_context=ssl.create_default_context())
    assert caught.value.code == "CF-1132"


def test_a_context_that_does_not_verify_is_never_used() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="never used"):
        TusDestination("https://portal.example/files", ssl_context=context)


def test_a_host_key_line_is_read() -> None:
    assert HostKey.parse(KEY).kind == "ssh-ed25519"


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 ???", "ssh-rsa " + KEY.split()[1], "SHA256:abc"]
)
def test_what_is_no_host_key_is_refused(line: str) -> None:
    with pytest.raises(InputError) as caught:
        SftpDestination("h", 22, login=SftpLogin(user="u", password="p"), host_key=line)
    assert caught.value.code == "CF-1134"


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=90_000)


@pytest.fixture
def source(bundle: SealedBundle) -> Iterator[Source]:
    opened = Source(bundle)
    yield opened
    opened.close()


def nothing() -> None:
    """Goes on waiting."""


def followed(source: Source, *, upto: int, step: int = 1000) -> WholeDigest:
    whole = WholeDigest(source)
    whole.begin([], in_order=True)
    for place in range(0, upto, step):
        whole.read_part(Part(place, min(step, upto - place)))
    return whole


def test_a_whole_that_followed_every_part_is_proven(source: Source, bundle: SealedBundle) -> None:
    with closing(followed(source, upto=bundle.size)) as whole:
        whole.prove(nothing)


def test_a_part_that_is_read_again_counts_once(source: Source, bundle: SealedBundle) -> None:
    with closing(followed(source, upto=bundle.size)) as whole:
        whole.read_part(Part(1000, 1000))
        whole.prove(nothing)


def test_what_follows_nothing_is_read_by_the_digest_itself(source: Source, bundle: SealedBundle) -> None:
    acked, _data = source.read_part(Part(7000, 9000))
    with closing(WholeDigest(source)) as whole:
        whole.begin([replace(acked, state=PartState.ACKED)], in_order=True)
        whole.prove(nothing)


def test_an_acknowledged_part_that_is_another_one_now_is_noticed(source: Source) -> None:
    with closing(WholeDigest(source)) as whole:
        whole.begin([Part(7000, 9000, "d" * 64, PartState.ACKED)], in_order=True)
        with pytest.raises(SourceChanged):
            whole.prove(nothing)


def test_a_file_that_is_written_to_meanwhile_is_refused(source: Source, bundle: SealedBundle) -> None:
    with closing(followed(source, upto=bundle.size)) as whole:
        with bundle.path.open("ab") as file:
            file.write(b"one more line")
        with pytest.raises(SourceChanged) as caught:
            whole.prove(nothing)
    assert "written to" in caught.value.happened


def test_a_part_that_was_read_before_must_be_the_same(source: Source) -> None:
    with pytest.raises(SourceChanged):
        source.read_part(Part(0, 100, "d" * 64))


def test_a_split_part_has_digests_of_its_halves(source: Source, bundle: SealedBundle) -> None:
    content = bundle.path.read_bytes()
    head, tail = source.split(Part(100, 50), 120)
    assert head.sha256 == hashlib.sha256(content[100:120]).hexdigest()
    assert tail.sha256 == hashlib.sha256(content[120:150]).hexdigest()
    assert (head.end, tail.end) == (120, 150)


def test_a_source_of_another_size_is_refused(bundle: SealedBundle) -> None:
    with bundle.path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(SourceChanged):
        Source(bundle)


def test_a_source_that_is_not_there_is_said(bundle: SealedBundle) -> None:
    bundle.path.unlink()
    with pytest.raises(LocalError) as caught:
        Source(bundle)
    assert caught.value.code == "CF-1821"


def test_the_edges_of_a_source_are_its_identity(source: Source, bundle: SealedBundle) -> None:
    data = bundle.path.read_bytes()
    assert source.identity.head == hashlib.sha256(data[: 64 * 1024]).hexdigest()
    assert source.identity.tail == hashlib.sha256(data[-64 * 1024 :]).hexdigest()


def in_order(source: Source) -> WholeDigest:
    whole = WholeDigest(source)
    whole.begin([], in_order=True, each=False)
    return whole


def rewrite(bundle: SealedBundle, place: int) -> None:
    """Change a byte; the file's time and size stay."""
    times = bundle.path.stat()
    with bundle.path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(bundle.path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_parts_in_order_are_known_by_all_that_is_before_their_end(
    source: Source, bundle: SealedBundle
) -> None:
    content = bundle.path.read_bytes()
    with closing(in_order(source)) as whole:
        parts = [whole.read_part(Part(place, 1000))[0] for place in (0, 1000, 2000)]
    assert [part.upto for part in parts] == [
        hashlib.sha256(content[: part.end]).hexdigest() for part in parts
    ]
    assert {part.sha256 for part in parts} == {""}


def test_what_is_read_in_order_proves_the_whole(source: Source, bundle: SealedBundle) -> None:
    with closing(in_order(source)) as whole:
        for place in range(0, bundle.size, 7000):
            part, _data = whole.read_part(Part(place, min(7000, bundle.size - place)))
            assert whole.read_part(part)[0] == part
        whole.prove(nothing)


def test_a_part_that_is_read_again_and_is_another_one_is_refused(
    source: Source, bundle: SealedBundle
) -> None:
    with closing(in_order(source)) as whole:
        part, _data = whole.read_part(Part(0, 7000))
        whole.read_part(Part(7000, 7000))
        rewrite(bundle, 3000)
        with pytest.raises(SourceChanged):
            whole.read_part(part)


@pytest.mark.parametrize("place", [7300, 13_900])
def test_both_halves_of_a_part_are_compared_when_they_are_read_again(
    source: Source, bundle: SealedBundle, place: int
) -> None:
    with closing(in_order(source)) as whole:
        whole.read_part(Part(0, 7000))
        part, _data = whole.read_part(Part(7000, 7000))
        head, tail = whole.split(part, 10_000)
        assert (head.end, tail.offset, tail.upto) == (10_000, 10_000, part.upto)
        assert [whole.read_part(half)[0] for half in (head, tail)] == [head, tail]
        rewrite(bundle, place)
        with pytest.raises(SourceChanged):
            whole.read_part(head if place < 10_000 else tail)
        with pytest.raises(SourceChanged):
            whole.split(part, 9000)


@pytest.mark.parametrize("state", [PartState.ACKED, PartState.SENT])
def test_another_process_compares_what_was_sent_before(
    source: Source, bundle: SealedBundle, state: PartState
) -> None:
    with closing(in_order(source)) as whole:
        first = replace(whole.read_part(Part(0, 7000))[0], state=PartState.ACKED)
        second = replace(whole.read_part(Part(7000, 7000))[0], state=state)
    with closing(WholeDigest(source)) as whole:
        whole.begin([first, second], in_order=True, each=False)
        whole.prove(nothing)
    with closing(WholeDigest(source)) as whole:
        whole.begin([first, replace(second, upto="d" * 64)], in_order=True, each=False)
        with pytest.raises(SourceChanged):
            whole.prove(nothing)
