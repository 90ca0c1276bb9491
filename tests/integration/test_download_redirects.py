"""Downloads that are led elsewhere: within the origin they follow, out of it they do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import PeerError, TrustError
from tests.peers.download_scene import CONTENT, FILE, MIB, Scene, content, download_scene
from tests.peers.faulty_portal import Answer

ELSEWHERE = "/elsewhere"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with download_scene(tmp_path / "here") as found:
        yield found


def led_to(place: str, *, status: int = 302) -> Answer:
    return Answer(status, headers={"Location": place})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_place_of_the_same_origin_is_followed(scene: Scene, status: int) -> None:
    scene.portal.answers(FILE, led_to(ELSEWHERE, status=status))
    scene.portal.answers(ELSEWHERE, content())
    scene.fetch(streams=1)
    assert scene.arrived()


def test_the_rest_of_a_file_is_asked_for_where_it_is_led_to(scene: Scene) -> None:
    scene.portal.answers(FILE, led_to(f"{scene.portal.url}{ELSEWHERE}"))
    scene.portal.answers(ELSEWHERE, content(cut_after=3 * MIB), content())
    with pytest.raises(Exception, match="CF-1510"):
        scene.fetch(streams=1)
    assert scene.fetch(streams=1).received == len(CONTENT) - 3 * MIB
    assert scene.arrived()
    assert scene.portal.asked(ELSEWHERE)[-1].headers["Range"] == f"bytes={3 * MIB}-"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("http://127.0.0.1/x", "CF-1412"),
        ("file:///etc/passwd", "CF-1412"),
        ("https://elsewhere.example/x", "CF-1413"),
        ("//elsewhere.example/x", "CF-1413"),
        ("https://127.0.0.1:1/x", "CF-1413"),
    ],
    ids=["without TLS", "to a file", "to another host", "to another host as here", "to another port"],
)
def test_who_is_led_out_of_the_origin_does_not_go(scene: Scene, place: str, code: str) -> None:
    scene.portal.answers(FILE, led_to(place))
    with pytest.raises(TrustError) as caught:
        scene.fetch(streams=1)
    assert (caught.value.code, scene.target.exists()) == (code, False)


def test_who_is_led_without_tls_to_the_same_server_does_not_go(scene: Scene) -> None:
    scene.portal.answers(FILE, led_to(f"{scene.portal.url}{ELSEWHERE}".replace("https:", "http:")))
    with pytest.raises(TrustError):
        scene.fetch(streams=1)
    assert scene.portal.asked(ELSEWHERE) == []


def test_a_circle_ends(scene: Scene) -> None:
    scene.portal.answers(FILE, led_to(ELSEWHERE))
    scene.portal.answers(ELSEWHERE, led_to(FILE))
    with pytest.raises(PeerError) as caught:
        scene.fetch(streams=1)
    assert (caught.value.code, len(scene.portal.seen)) == ("CF-1630", 4)
