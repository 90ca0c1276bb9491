"""Downloads from a server of the tests' own: ranges, cuts, changes, damage on the disk, refusals."""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import (
    CredentialsError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    UnreachableError,
)
from app.transfer import incoming
from app.transfer.bandwidth import Limiter, Limits
from app.transfer.downloads import Wanted
from app.transfer.downloads.landing import Landing
from tests.peers.download_scene import CONTENT, FILE, MIB, SHA256, Scene, content, download_scene
from tests.peers.fake_pace import FakePace
from tests.peers.faulty_portal import Answer, Framing, Seen
from tests.peers.poor_sockets import refuse_all_that_only_helps
from tests.peers.watched_limit import WatchedLimit


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with download_scene(tmp_path / "here") as found:
        yield found


def test_a_file_is_fetched_over_ipv6(tmp_path: Path) -> None:
    with download_scene(tmp_path, address="::1") as there:
        there.fetch()
    assert there.portal.url.startswith("https://[::1]:")
    assert there.target.read_bytes() == CONTENT


def cut(scene: Scene, *, after: int, streams: int | None = None) -> None:
    scene.portal.answers(FILE, content(cut_after=after))
    with pytest.raises(UnreachableError):
        scene.fetch(streams=streams)
    scene.portal.answers(FILE, content())


def test_a_file_arrives_in_one_request(scene: Scene) -> None:
    found = scene.fetch(streams=1)
    assert scene.arrived()
    assert (found.sha256, found.resumed, found.received) == (SHA256, False, len(CONTENT))
    assert scene.ranges() == [""]


def test_a_file_arrives_where_the_system_has_no_option_that_only_helps(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_all_that_only_helps(monkeypatch)
    scene.fetch()
    assert scene.arrived()


@pytest.mark.parametrize("streams", [2, 5, 8])
def test_a_file_arrives_over_several_connections(scene: Scene, streams: int) -> None:
    scene.fetch(streams=streams)
    assert scene.arrived()
    assert len(scene.ranges()) == min(streams, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has rights of another kind")
@pytest.mark.parametrize("streams", [1, 3])
def test_the_limit_holds_for_the_sum_of_all_connections(scene: Scene, streams: int) -> None:
    pace = FakePace()
    began = pace.now()
    scene.fetch(streams=streams, flow=Limiter(Limits(2_000_000), pace=pace).flow())
    assert scene.arrived()
    assert pace.now() - began == pytest.approx(len(CONTENT) / 2_000_000, rel=0.05)


def test_a_low_limit_is_exact_over_any_ten_seconds(scene: Scene) -> None:
    limit = WatchedLimit(len(CONTENT) // 20)
    scene.fetch(streams=1, flow=limit.flow())
    assert limit.worst() < 0.05


def test_what_the_callback_raises_ends_a_download_that_may_not_move(scene: Scene) -> None:
    waits = iter([None, None, TimeoutError()])

    def enough(done: int, size: int) -> None:
        error = next(waits)
        if error is not None:
            raise error

    limiter = Limiter(Limits(0))
    with pytest.raises(TimeoutError):
        scene.fetch(on_progress=enough, flow=limiter.flow())
    assert limiter.moved <= 64 * 1024


def test_the_file_is_for_its_owner_only(scene: Scene) -> None:
    scene.fetch()
    assert stat.S_IMODE(scene.target.stat().st_mode) == 0o600


@pytest.mark.parametrize("streams", [1, 3])
def test_after_a_cut_only_the_rest_is_fetched(scene: Scene, streams: int) -> None:
    cut(scene, after=3 * MIB, streams=streams)
    found = scene.fetch(streams=streams)
    assert scene.arrived()
    assert found.resumed
    assert found.received <= len(CONTENT) - 3 * MIB


def test_the_rest_is_asked_for_under_the_same_etag(scene: Scene) -> None:
    cut(scene, after=3 * MIB, streams=1)
    scene.fetch(streams=1)
    last = scene.portal.asked(FILE)[-1].headers
    assert (last["Range"], last["If-Range"]) == (f"bytes={3 * MIB}-", '"one"')


def test_progress_goes_on_where_it_was(scene: Scene) -> None:
    cut(scene, after=3 * MIB)
    seen: list[tuple[int, int]] = []
    scene.fetch(on_progress=lambda done, size: seen.append((done, size)))
    assert seen[0][0] > 3 * MIB
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_what_the_callback_raises_ends_it_and_keeps_what_came(scene: Scene) -> None:
    def enough(done: int, size: int) -> None:
        if done >= 5 * MIB:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scene.fetch(on_progress=enough)
    assert scene.fetch().received <= len(CONTENT) - 5 * MIB
    assert scene.arrived()


def test_bytes_that_rotted_meanwhile_are_fetched_again(scene: Scene) -> None:
    cut(scene, after=5 * MIB)
    with scene.part.open("r+b") as stream:
        stream.seek(2 * MIB)
        stream.write(b"rot")
    scene.fetch()
    assert scene.arrived()


def test_somebody_elses_half_file_is_refused_and_not_touched(scene: Scene) -> None:
    scene.part.write_bytes(CONTENT[: 5 * MIB])
    with pytest.raises(RefusedError) as caught:
        scene.fetch()
    assert caught.value.code == "CF-1222"
    assert scene.part.read_bytes() == CONTENT[: 5 * MIB]
    assert [path.name for path in scene.part.parent.iterdir()] == [scene.part.name]


def test_what_a_kill_left_before_the_first_mark_is_ones_own(scene: Scene) -> None:
    def die(done: int, whole: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scene.fetch(on_progress=die)
    ledger = scene.part.with_name("x.bin.part.json")
    assert ledger.exists()
    scene.part.write_bytes(b"what a kill leaves of it")
    scene.fetch()
    assert scene.arrived()


@pytest.mark.parametrize("islands", ["[[-5, 1, 2]]", "[[5, 1, 0]]", "[[10, 99999999999999, 0]]"])
def test_a_ledger_that_names_what_cannot_be_counts_for_nothing(scene: Scene, islands: str) -> None:
    scene.part.write_bytes(b"abc")
    scene.part.with_name("x.bin.part.json").write_text(
        f'{{"place": "{scene.wanted.url}", "size": {scene.wanted.size}, "sha256": "{SHA256}",'
        f' "marks": [[-1, "a"]], "islands": {islands}}}'
    )
    scene.fetch()
    assert scene.arrived()


def test_a_damaged_ledger_counts_as_none(scene: Scene) -> None:
    cut(scene, after=5 * MIB)
    scene.part.with_name("x.bin.part.json").write_bytes(b"[")
    assert not scene.fetch().resumed
    assert scene.arrived()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights of their own on Windows")
def test_a_link_in_the_place_of_the_part_is_not_followed(scene: Scene, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    scene.part.symlink_to(victim)
    scene.fetch()
    assert victim.read_bytes() == b"mine"
    assert scene.arrived()


def test_a_part_that_is_begun_anew_never_lies_there_without_its_ledger(scene: Scene) -> None:
    other = bytes(len(CONTENT))
    scene.portal.answers(FILE, content(other, cut_after=4 * MIB))
    with pytest.raises(UnreachableError):
        scene.fetch(streams=1)
    scene.portal.answers(FILE, content())
    alone: list[int] = []

    def look(done: int, _whole: int) -> None:
        if scene.part.exists() and not Landing(scene.target).ledger_path.exists():
            alone.append(done)

    assert not scene.fetch(streams=1, on_progress=look).resumed
    assert scene.arrived()
    assert alone == []


def test_another_content_by_now_is_fetched_from_the_start(scene: Scene) -> None:
    cut(scene, after=5 * MIB)
    newer = CONTENT[::-1]
    scene.portal.answers(FILE, content(newer, etag='"two"'))
    scene.wanted = Wanted(scene.wanted.url, len(newer), "")
    scene.fetch()
    assert scene.target.read_bytes() == newer


def test_a_catalogue_without_a_digest_keeps_to_the_etag(scene: Scene) -> None:
    scene.wanted = Wanted(scene.wanted.url, len(CONTENT), "")
    cut(scene, after=5 * MIB)
    newer = CONTENT[::-1]
    scene.portal.answers(FILE, content(newer, etag='"two"'))
    scene.fetch()
    assert scene.target.read_bytes() == newer


@pytest.mark.parametrize("etag", ["", 'W/"one"'], ids=["no ETag", "a weak ETag"])
def test_without_proof_that_it_is_of_one_content_nothing_is_gone_on_with(scene: Scene, etag: str) -> None:
    scene.wanted = Wanted(scene.wanted.url, len(CONTENT), "")
    scene.portal.answers(FILE, content(etag=etag, cut_after=5 * MIB))
    with pytest.raises(UnreachableError):
        scene.fetch(streams=1)
    newer = CONTENT[::-1]
    scene.portal.answers(FILE, content(newer, etag=etag))
    assert not scene.fetch(streams=1).resumed
    assert scene.target.read_bytes() == newer


@pytest.mark.parametrize("etag", ["", 'W/"one"'], ids=["no ETag", "a weak ETag"])
def test_ranges_that_nothing_proves_to_be_of_one_content_are_not_put_together(
    scene: Scene, etag: str
) -> None:
    def changes(seen: Seen) -> Answer:
        return content(CONTENT if len(scene.ranges()) < 2 else newer, etag=etag)(seen)

    newer = CONTENT[::-1]
    scene.wanted = Wanted(scene.wanted.url, len(CONTENT), "")
    scene.portal.answers(FILE, changes)
    scene.fetch(streams=3)
    assert scene.target.read_bytes() == newer


def test_a_server_that_drops_its_etag_is_asked_for_the_whole(scene: Scene) -> None:
    scene.wanted = Wanted(scene.wanted.url, len(CONTENT), "")
    cut(scene, after=5 * MIB)
    newer = CONTENT[::-1]
    scene.portal.answers(FILE, content(newer, etag=""))
    assert not scene.fetch(streams=1).resumed
    assert scene.target.read_bytes() == newer


@pytest.mark.parametrize("etag", ["", 'W/"one"'], ids=["no ETag", "a weak ETag"])
def test_a_known_digest_judges_what_is_gone_on_with_without_a_strong_etag(scene: Scene, etag: str) -> None:
    scene.portal.answers(FILE, content(etag=etag, cut_after=5 * MIB))
    with pytest.raises(UnreachableError):
        scene.fetch(streams=1)
    scene.portal.answers(FILE, content(etag=etag))
    assert scene.fetch(streams=1).received == len(CONTENT) - 5 * MIB
    assert scene.arrived()
    assert "If-Range" not in scene.portal.asked(FILE)[-1].headers


def test_what_came_of_a_version_that_changed_midway_is_thrown_away(scene: Scene) -> None:
    def changes(seen: Seen) -> Answer:
        if len(scene.ranges()) < 2:
            return content(CONTENT[::-1], etag='W/"old"')(seen)
        return content(etag='W/"new"')(seen)

    scene.portal.answers(FILE, changes)
    scene.fetch(streams=3)
    assert scene.arrived()


def test_what_a_server_sent_too_much_of_is_nothing_to_go_on_with(scene: Scene) -> None:
    headers = {"ETag": '"one"'}
    scene.wanted = Wanted(scene.wanted.url, len(CONTENT), "")
    scene.portal.answers(FILE, Answer(200, CONTENT[::-1] + b"x", headers=headers, framing=Framing.NONE))
    with pytest.raises(PeerError) as caught:
        scene.fetch(streams=1)
    assert caught.value.code == "CF-1641"
    scene.portal.answers(FILE, content())
    scene.fetch(streams=1)
    assert scene.arrived()


def test_a_content_that_changes_each_time_ends_it(scene: Scene) -> None:
    turn = iter(range(100))

    def restless(seen: Seen) -> Answer:
        return content(etag=f'"{next(turn)}"')(seen)

    scene.portal.answers(FILE, restless)
    with pytest.raises(PeerError) as caught:
        scene.fetch(streams=3)
    assert caught.value.code == "CF-1642"


def test_a_whole_in_the_place_of_a_range_is_never_put_there(scene: Scene) -> None:
    cut(scene, after=5 * MIB)
    scene.portal.answers(FILE, content(ranges=False))
    assert not scene.fetch().resumed
    assert scene.arrived()


@pytest.mark.parametrize(
    "content_range", ["", "bytes 0-9/10", f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}", "bytes x"]
)
def test_another_range_is_refused(scene: Scene, content_range: str) -> None:
    cut(scene, after=5 * MIB)
    headers = {"ETag": '"one"', "Content-Range": content_range}
    scene.portal.answers(FILE, Answer(206, CONTENT[5 * MIB :], "application/octet-stream", headers))
    with pytest.raises(PeerError):
        scene.fetch()
    assert not scene.target.exists()


def test_an_encoded_answer_is_refused(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(200, CONTENT, "x/y", {"Content-Encoding": "gzip"}))
    with pytest.raises(PeerError) as caught:
        scene.fetch()
    assert caught.value.code == "CF-1641"


def test_a_wrong_content_is_put_aside_and_the_older_file_stays(scene: Scene) -> None:
    scene.target.write_bytes(b"older")
    scene.portal.answers(FILE, content(CONTENT[::-1]))
    with pytest.raises(IntegrityError):
        scene.fetch()
    assert scene.target.read_bytes() == b"older"
    assert scene.target.with_name("x.bin.quarantine").read_bytes() == CONTENT[::-1]
    assert not scene.part.exists()


def test_no_room_is_said_before_a_byte_is_fetched(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(scene.target.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(LocalError) as caught:
        scene.fetch()
    assert caught.value.code == "CF-1861"
    assert scene.portal.asked(FILE) == []


def test_what_must_stay_free_is_named_where_it_is_the_reason(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = len(CONTENT) + 1000
    nearly_full = shutil.disk_usage(scene.target.parent)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(LocalError) as caught:
        scene.fetch()
    assert f"needs {len(CONTENT)} more bytes, and {free} are free" in caught.value.happened
    assert f"{32 << 20} stay free" in caught.value.happened


@pytest.mark.root
@pytest.mark.parametrize("full", ["6148k", "6300k"], ids=["at the end of a block", "within a block"])
def test_a_disk_that_fills_up_midway_is_said_and_gone_on_with_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    folder = str(scene.target.parent)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={full}", "tmpfs", folder], check=True)
    try:
        with monkeypatch.context() as patch:
            roomy = shutil.disk_usage(folder)._replace(free=1 << 40)
            patch.setattr(shutil, "disk_usage", lambda path: roomy)
            patch.setattr(incoming, "_SOON", 60)
            with pytest.raises(LocalError) as caught:
                scene.fetch(streams=1)
        assert caught.value.code == "CF-1873"
        assert not scene.target.exists()
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        found = scene.fetch(streams=1)
        assert found.resumed
        assert found.received <= len(CONTENT) - 4 * MIB
        assert scene.arrived()
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_refusal_is_the_callers_to_name(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(403))
    with pytest.raises(PeerError) as caught:
        scene.fetch()
    assert caught.value.happened == "403"


def test_a_401_without_a_token_is_a_matter_of_sign_in(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(401))
    with pytest.raises(CredentialsError):
        scene.fetch()


def test_an_empty_file_arrives(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(200, b"", "x/y"))
    scene.wanted = Wanted(scene.wanted.url, 0, hashlib.sha256(b"").hexdigest())
    scene.fetch()
    assert scene.target.read_bytes() == b""


@pytest.mark.parametrize("streams", [1, 4])
def test_a_second_call_for_the_same_place_is_refused_and_spoils_nothing(scene: Scene, streams: int) -> None:
    refused: list[str] = []

    def fetch_again(done: int, whole: int) -> None:
        if not refused and 0 < done < whole:
            with pytest.raises(LocalError) as caught:
                scene.fetch()
            refused.append(caught.value.code)

    scene.fetch(streams=streams, on_progress=fetch_again)
    assert (refused, scene.arrived()) == (["CF-1862"], True)


def test_the_place_is_free_again_after_a_call_that_failed(scene: Scene) -> None:
    cut(scene, after=5 * MIB)
    scene.portal.answers(FILE, content())
    scene.fetch()
    assert scene.arrived()


def test_a_part_that_was_taken_away_while_it_arrived_is_not_called_whole(scene: Scene) -> None:
    def take_away(done: int, whole: int) -> None:
        if done == whole:
            scene.part.unlink(missing_ok=True)

    with pytest.raises(LocalError) as caught:
        scene.fetch(on_progress=take_away)
    assert (caught.value.code, scene.target.exists()) == ("CF-1873", False)
