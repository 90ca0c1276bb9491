"""What a tus server, or what stands between, can do wrong: each a clear end, or none at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.errors import (
    CredentialsError,
    IntegrityError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
)
from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Interrupted,
    Journal,
    Level,
    Progress,
    RetryPolicy,
    TransferState,
)
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal
from tests.peers.tus_case import KIB, Case, Tokens
from tests.peers.tus_reference import certificates

__all__ = ["journal"]

NO_PATIENCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=1300 * KIB)


class Watched(list[Progress]):
    """What was shown; something happens with the first part that is acknowledged."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def append(self, shown: Progress) -> None:
        super().append(shown)
        if shown.acked:
            self._then()


@pytest.fixture
def case(server: FaultyTus, bundle: SealedBundle, journal: Journal) -> Case:
    return Case(server, bundle, journal)


def test_the_servers_own_digest_proves_best(case: Case) -> None:
    assert case.send().level is Level.SERVER_SHA256


def test_checksums_of_every_part_prove_second_best(case: Case) -> None:
    assert case.send(state_url="").level is Level.EVERY_PART


def test_the_metadata_names_the_bundle_and_its_digests(case: Case) -> None:
    case.send()
    assert case.server.only_upload().metadata == {
        "case": "0003256109",
        "filename": case.bundle.name,
        "filetype": "application/octet-stream",
        "sha256": case.bundle.sha256,
        "manifest_sha256": case.bundle.manifest_sha256,
        "idempotency_key": "k",
    }


@pytest.mark.parametrize(
    ("method", "status"),
    [
        *(("PATCH", status) for status in (500, 502, 504, 429, 503, 423, 507, 408)),
        *((method, 500) for method in ("OPTIONS", "POST", "HEAD", "GET")),
    ],
)
def test_trouble_that_passes_is_waited_for(case: Case, method: str, status: int) -> None:
    case.server.say(method, Reply(status=status))
    case.send()
    assert case.arrived()


def test_a_locked_upload_never_becomes_a_second_one(case: Case) -> None:
    case.server.say("PATCH", None, Reply(status=423), Reply(status=423))
    case.send()
    assert case.server.count("POST") == 1


def test_retry_after_is_followed(case: Case) -> None:
    case.server.say("PATCH", Reply(status=503, headers=(("Retry-After", "0"),)))
    case.send(policy=RetryPolicy(first=300, longest=300))
    assert [one.retry_in for one in case.seen if one.state is TransferState.WAITING] == [0.0]


def test_a_waiting_transfer_says_why(case: Case) -> None:
    case.server.say("PATCH", Reply(status=507))
    case.send()
    assert "CF-1515" in {one.error_code for one in case.seen}


def test_a_lost_answer_does_not_double_a_part(case: Case) -> None:
    case.server.say("PATCH", None, Reply(status=500, after_storing=True))
    case.send()
    assert case.arrived()


def test_an_offset_that_the_server_does_not_have_is_asked_for(case: Case) -> None:
    case.server.say("PATCH", Reply(status=409), None)
    case.send()
    assert case.arrived()


def test_a_part_that_arrives_changed_is_sent_again(case: Case) -> None:
    case.server.say("PATCH", Reply(corrupt=True))
    case.send()
    assert case.arrived()


def test_a_part_that_arrives_changed_every_time_ends_it(case: Case) -> None:
    case.server.say("PATCH", *[Reply(corrupt=True)] * 9)
    with pytest.raises(IntegrityError) as caught:
        case.send()
    assert caught.value.code == "CF-1720"


def test_a_changed_byte_that_the_server_does_not_notice_is_found_at_the_end(case: Case) -> None:
    case.server.extensions = "creation"
    case.server.say("PATCH", Reply(corrupt=True))
    with pytest.raises(IntegrityError) as caught:
        case.send()
    assert (caught.value.code, case.state()) == ("CF-1721", TransferState.FAILED)


def test_what_was_stored_changed_is_sent_anew_by_the_next_try(case: Case) -> None:
    case.server.extensions = "creation,termination"
    case.server.say("PATCH", Reply(corrupt=True))
    with pytest.raises(IntegrityError):
        case.send()
    assert case.send().level is Level.SERVER_SHA256
    assert case.arrived()


def test_a_dropped_upload_is_made_anew_under_the_same_key(case: Case) -> None:
    case.server.say("PATCH", None, Reply(status=410))
    case.server.say("HEAD", None, Reply(status=404))
    case.send()
    assert case.arrived()
    assert case.server.count("POST") == 2


def test_a_server_that_forgets_for_ever_ends_it(case: Case) -> None:
    case.server.say("PATCH", *[None, Reply(status=410)] * 20)
    case.server.say("HEAD", *[None, Reply(status=404)] * 40)
    case.server.location = "/files/{id}"

    class Forgetting(dict[str, object]):
        def setdefault(self, key: str, default: object = None) -> object:
            self[key] = default
            return default

    case.server.uploads = Forgetting()  # type: ignore[assignment]
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1612"


def test_a_proxys_limit_makes_the_requests_smaller(case: Case) -> None:
    case.server.largest_patch = 300 * KIB
    case.send()
    assert case.arrived()


def test_a_limit_that_no_request_fits_ends_it(case: Case) -> None:
    case.server.largest_patch = 1
    with pytest.raises(RefusedError) as caught:
        case.send()
    assert caught.value.code == "CF-1211"


def test_a_bundle_over_the_announced_limit_is_not_begun(case: Case) -> None:
    case.server.max_size = 1000
    with pytest.raises(RefusedError):
        case.send()
    assert case.server.count("POST") == 0


def test_a_refused_token_is_renewed_once(case: Case) -> None:
    case.server.accepted_token = "new"
    case.send(tokens=Tokens("old", "new"))
    assert case.arrived()


def test_a_token_that_ends_midway_is_renewed(case: Case) -> None:
    tokens = Tokens("old", "new")
    case.server.accepted_token = "old"
    case.seen = Watched(lambda: setattr(case.server, "accepted_token", "new"))
    proof = case.send(tokens=tokens)
    assert (tokens.bearer(), proof.level, case.arrived()) == ("new", Level.SERVER_SHA256, True)


def test_a_token_that_stays_refused_is_the_persons_matter(case: Case) -> None:
    case.server.accepted_token = "another"
    with pytest.raises(CredentialsError) as caught:
        case.send(tokens=Tokens("old", "new"))
    assert caught.value.code == "CF-1310"


def test_a_refused_token_does_not_stand_in_the_error(case: Case) -> None:
    case.server.accepted_token = "another"
    with pytest.raises(CredentialsError) as caught:
        case.send(tokens=Tokens("s3cret-token"))
    assert "s3cret-token" not in str(caught.value)


def test_a_closed_case_is_refused_with_its_rule(case: Case) -> None:
    problem = {"status": 409, "title": "The case is closed", "detail": "Reopen it.", "rule": "R-FILE-1"}
    kind = (("Content-Type", "application/problem+json"),)
    case.server.say("POST", Reply(status=409, headers=kind, body=json.dumps(problem).encode()))
    with pytest.raises(RefusedError) as caught:
        case.send()
    assert caught.value.rule == "R-FILE-1"


def test_a_refused_transfer_can_be_tried_again_later(case: Case) -> None:
    case.server.say("POST", Reply(status=403))
    with pytest.raises(RefusedError):
        case.send()
    case.send()
    assert case.arrived()


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("OPTIONS", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("POST", b"\0" * 400),
        ("HEAD", b"HTTP/1.1 banana\r\n\r\n"),
        ("PATCH", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("GET", b"\0" * 400),
    ],
    ids=["OPTIONS", "POST", "HEAD", "PATCH", "GET"],
)
def test_garbage_ends_it_with_a_clear_error(case: Case, method: str, raw: bytes) -> None:
    case.server.say(method, Reply(raw=raw))
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1630"


@pytest.mark.parametrize("text", ["", "many", "-1", "1e3", "٣", "9" * 30])
def test_an_offset_that_is_no_number_is_garbage(case: Case, text: str) -> None:
    case.server.say("HEAD", Reply(status=200, headers=(("Upload-Offset", text.encode().decode("latin-1")),)))
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1630"


def test_an_impossible_offset_is_refused(case: Case) -> None:
    case.server.say("PATCH", Reply(status=204, headers=(("Upload-Offset", "99999999"),)))
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1613"


def state_reply(**state: str) -> Reply:
    kind = (("Content-Type", "application/json"),)
    return Reply(status=200, headers=kind, body=json.dumps({"phase": "done", **state}).encode())


def test_a_file_that_is_kept_aside_ends_it_at_once_with_the_rule(case: Case) -> None:
    note = "The case was closed before the file was complete (R-FILE-1). It is kept aside."
    case.server.say("GET", state_reply(check="unknown", stored_sha256=case.bundle.sha256, note=note))
    with pytest.raises(RefusedError) as caught:
        case.send()
    assert (caught.value.code, caught.value.rule, case.state()) == (
        "CF-1214",
        "R-FILE-1",
        TransferState.FAILED,
    )
    assert note in caught.value.happened


def test_a_file_that_was_kept_aside_is_sent_anew_by_the_next_try(case: Case) -> None:
    aside = state_reply(check="unknown", stored_sha256=case.bundle.sha256)
    case.server.say("GET", aside, aside)
    with pytest.raises(RefusedError):
        case.send()
    case.send()
    assert case.server.count("POST") == 2


def test_a_verdict_of_differs_ends_it_at_once_with_the_note(case: Case) -> None:
    case.server.say("GET", state_reply(check="differs", note="Send it again."))
    with pytest.raises(IntegrityError) as caught:
        case.send()
    assert (caught.value.code, case.server.count("GET")) == ("CF-1721", 1)
    assert "Send it again." in caught.value.happened


def test_bytes_that_the_server_lost_are_sent_again_by_itself(case: Case) -> None:
    lost = state_reply(check="unknown", note="Bytes are not there any more.")
    case.server.say("GET", lost, lost)
    assert case.send().level is Level.SERVER_SHA256
    assert case.server.count("POST") == 2


def test_an_answer_that_is_cut_is_asked_for_again(case: Case) -> None:
    case.server.say("GET", Reply(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"phase": "do'))
    case.send()
    assert case.arrived()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTT",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTus-Resumable: 1.0.0\r\nUplo",
        b"HTTP/1.1 103 Early Hints\r\n",
    ],
)
def test_an_answer_whose_beginning_is_cut_is_asked_for_again(case: Case, raw: bytes) -> None:
    case.server.say("HEAD", Reply(raw=raw))
    case.send()
    assert case.arrived()


def test_a_state_that_is_no_json_is_garbage(case: Case) -> None:
    case.server.say("GET", Reply(status=200, body=b"<html>Sign in</html>"))
    with pytest.raises(PeerError):
        case.send()


def test_an_upload_address_without_tls_is_refused(case: Case) -> None:
    case.server.location = "http://127.0.0.1:{port}/files/{id}"
    with pytest.raises(TrustError) as caught:
        case.send()
    assert caught.value.code == "CF-1412"


def test_an_upload_address_on_another_host_is_refused(case: Case) -> None:
    case.server.location = "https://elsewhere.example:{port}/files/{id}"
    with pytest.raises(TrustError) as caught:
        case.send()
    assert caught.value.code == "CF-1413"


@pytest.mark.parametrize("location", ["https://[::1/files/1", "/files/\u00fc", "/files/a b"])
def test_an_upload_address_that_is_none_ends_it_with_a_clear_error(case: Case, location: str) -> None:
    case.server.location = location
    with pytest.raises(PeerError) as caught:
        case.send()
    assert (caught.value.code, case.state()) == ("CF-1630", TransferState.FAILED)


def test_a_redirect_to_what_is_no_address_ends_it_with_a_clear_error(case: Case) -> None:
    case.server.say("POST", Reply(status=307, headers=(("Location", "https://[::1/files"),)))
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1630"


@pytest.mark.parametrize("header", ["Retry-After", "Upload-Expires"])
def test_a_date_that_no_clock_shows_is_no_date(case: Case, header: str) -> None:
    beyond = ((header, "Mon, 01 Jan 99999999999999 00:00:00 GMT"),)
    case.server.say("HEAD", Reply(status=503, headers=beyond))
    case.send()
    assert case.arrived()


def test_interim_answers_are_passed_over(case: Case) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2
    final = b"HTTP/1.1 200 OK\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 0\r\n\r\n"
    case.server.say("HEAD", Reply(raw=interim + final))
    case.send()
    assert case.arrived()


@pytest.mark.parametrize("status", [100, 103])
def test_interim_answers_without_end_end_it(case: Case, status: int) -> None:
    case.server.say("HEAD", Reply(raw=b"HTTP/1.1 %d Soon\r\n\r\n" % status * 1000))
    with pytest.raises(PeerError) as caught:
        case.send()
    assert caught.value.code == "CF-1630"


def test_a_proxy_without_options_does_not_keep_it_from_being_sent(case: Case) -> None:
    case.server.say("OPTIONS", *[Reply(status=501)] * 50)
    case.send()
    assert (case.arrived(), case.server.count("OPTIONS")) == (True, 1)


def test_a_peer_that_always_says_at_once_is_not_asked_without_end(case: Case) -> None:
    case.server.say("PATCH", *[Reply(status=503, headers=(("Retry-After", "0"),))] * 1000)
    waits: list[float] = []
    control = Control()

    def shown(progress: Progress) -> None:
        if progress.retry_in is not None:
            waits.append(progress.retry_in)
        if len(waits) == 4:
            control.stop()

    policy = RetryPolicy(first=0.01, longest=10, draw=lambda: 1.0)
    with pytest.raises(Interrupted):
        case.send(policy=policy, on_progress=shown, control=control)
    assert waits == [0.0, 0.02, 0.04, 0.08]


def test_a_server_that_lies_ahead_of_itself_is_not_asked_without_end(case: Case) -> None:
    ahead = Reply(status=204, headers=(("Upload-Offset", str(600 * KIB)),))
    case.server.say("PATCH", *[ahead] * 1000)
    with pytest.raises(UnreachableError) as caught:
        case.send(policy=RetryPolicy(first=0.05, longest=10, give_up_after=0.5, draw=lambda: 1.0))
    assert (caught.value.code, case.state()) == ("CF-1518", TransferState.FAILED)
    assert case.server.count("PATCH") < 12


def test_a_redirect_at_home_is_followed(case: Case) -> None:
    case.server.say("POST", Reply(status=307, headers=(("Location", "/files/"),)))
    case.send()
    assert case.arrived()


@pytest.mark.parametrize(
    ("location", "code"),
    [("http://127.0.0.1/files", "CF-1412"), ("https://elsewhere.example/files", "CF-1413")],
)
def test_a_redirect_that_leaves_is_refused(case: Case, location: str, code: str) -> None:
    case.server.say("POST", Reply(status=308, headers=(("Location", location),)))
    with pytest.raises(TrustError) as caught:
        case.send()
    assert caught.value.code == code


def test_a_certificate_that_changes_midway_ends_it_and_the_right_one_goes_on(
    case: Case, tmp_path: Path
) -> None:
    right = (tmp_path / "tus" / "server.pem", tmp_path / "tus" / "server.key")
    _authority, *another = certificates(tmp_path / "another")
    case.seen = Watched(lambda: case.server.show(*another))
    case.server.say("PATCH", None, Reply(cut_after=100 * KIB))
    with pytest.raises(TrustError) as caught:
        case.send()
    asked = len(case.server.requests)
    assert caught.value.code == "CF-1410"
    assert "certificate" in caught.value.title
    assert case.state() is TransferState.FAILED
    with pytest.raises(TrustError):
        case.send()
    assert len(case.server.requests) == asked, "something was said to whom nobody knows"
    case.server.show(*right)
    case.seen = []
    assert case.send().resumed
    assert case.arrived()
    assert case.server.count("POST") == 1
    offsets = [int(headers["upload-offset"]) for method, headers in case.server.requests if method == "PATCH"]
    assert offsets[2] >= 512 * KIB, "what was acknowledged was sent again"
