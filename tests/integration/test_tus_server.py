"""tus 1.0.0 at the running portal: every extension, and every refusal."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from app.sandbox.uploads import parse_metadata
from tests.peers.plain_tus import BYTES, CASE, TUS, Tus, checksum, problem
from tests.peers.portal import PortalProcess, Tokens, agent_tokens, register_agent
from tests.peers.portal_records import Records, records

__all__ = ["records"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("tus") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def nadia(portal: PortalProcess, records: Records) -> Iterator[Tus]:
    with portal.session("Nadia") as session:
        yield Tus(session, records, records.acknowledge(CASE, portal.person("Nadia").email))


class TestCore:
    def test_options_say_what_the_portal_knows_without_sign_in(self, portal: PortalProcess) -> None:
        with portal.session() as stranger:
            reply = stranger.options("/uploads")
        assert reply.status_code == 204
        assert reply.headers["Tus-Version"] == "1.0.0"
        assert set(reply.headers["Tus-Extension"].split(",")) >= {"creation", "checksum", "concatenation"}
        assert reply.headers["Tus-Checksum-Algorithm"].split(",") == ["sha256", "sha1", "crc32"]
        assert "Tus-Max-Size" not in reply.headers

    def test_a_file_in_three_requests_is_verified_and_in_the_case(self, nadia: Tus) -> None:
        content = os.urandom(300_000)
        where = nadia.made(content, filename="three.log")
        for offset in (0, 100_000, 200_000):
            reply = nadia.patch(where, offset, content[offset : offset + 100_000])
            assert (reply.status_code, reply.headers["Upload-Offset"]) == (204, str(offset + 100_000))
        state = nadia.state(where)
        assert (state["phase"], state["check"], state["stored_sha256"]) == (
            "done",
            "verified",
            hashlib.sha256(content).hexdigest(),
        )
        (file,) = nadia.records.files(CASE, "three.log")
        assert (file.id, file.via, file.sent_by, file.resumed) == (state["file"], "https", "Nadia Ferrow", 0)
        assert any("three.log" in text for text in nadia.records.feed(CASE))

    def test_bytes_of_an_upload_are_for_the_portals_owner_only(
        self, nadia: Tus, portal: PortalProcess
    ) -> None:
        where = nadia.made(b"x" * 100)
        nadia.patch(where, 0, b"x" * 50)
        path = portal.data / "uploads" / where.rsplit("/", 1)[-1]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_head_tells_what_was_announced_and_is_never_cached(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 100, filename="head.log")
        nadia.patch(where, 0, b"x" * 40)
        reply = nadia.head(where)
        assert reply.status_code == 200
        assert (reply.headers["Upload-Offset"], reply.headers["Upload-Length"]) == ("40", "100")
        assert reply.headers["Cache-Control"] == "no-store"
        assert parse_metadata(reply.headers["Upload-Metadata"])["filename"] == "head.log"

    def test_an_empty_file_is_complete_at_once(self, nadia: Tus) -> None:
        where = nadia.made(b"", filename="empty.log")
        assert nadia.state(where)["check"] == "verified"

    def test_another_offset_is_refused_with_the_right_one(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 100)
        nadia.patch(where, 0, b"x" * 40)
        reply = nadia.patch(where, 41, b"x")
        assert problem(reply) == (409, "upload-offset")
        assert reply.headers["Upload-Offset"] == "40"

    def test_more_bytes_than_announced_are_refused_and_none_is_kept(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 100)
        assert problem(nadia.patch(where, 0, b"x" * 101)) == (413, "upload-too-large")
        assert nadia.head(where).headers["Upload-Offset"] == "0"

    def test_more_bytes_than_announced_in_a_body_without_length_are_refused(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 100)
        nadia.patch(where, 0, b"x" * 40)
        body = iter([b"x" * 50, b"x" * 50])
        reply = nadia.session.patch(where, data=body, headers={**BYTES, "Upload-Offset": "40"})
        assert problem(reply) == (413, "upload-too-large")
        assert nadia.head(where).headers["Upload-Offset"] == "40"

    @pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
    def test_another_version_of_tus_is_refused(self, nadia: Tus, version: str) -> None:
        reply = nadia.session.post("/uploads", headers={"Tus-Resumable": version, "Upload-Length": "1"})
        assert problem(reply)[0] == 412
        assert reply.headers["Tus-Version"] == "1.0.0"

    def test_another_media_type_is_refused(self, nadia: Tus) -> None:
        where = nadia.made(b"x")
        assert problem(nadia.patch(where, 0, b"x", Content_Type="application/octet-stream"))[0] == 415

    @pytest.mark.parametrize("offset", ["", "-1", "x"])
    def test_an_offset_that_is_no_number_is_refused(self, nadia: Tus, offset: str) -> None:
        where = nadia.made(b"x")
        reply = nadia.session.patch(where, data=b"x", headers={**BYTES, "Upload-Offset": offset})
        assert problem(reply) == (400, "bad-request")

    def test_a_method_in_a_header_counts(self, nadia: Tus) -> None:
        where = nadia.made(b"abc", filename="override.log")
        headers = {**BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
        assert nadia.session.post(where, data=b"abc", headers=headers).status_code == 204
        assert nadia.state(where)["check"] == "verified"


class TestCreation:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Upload-Length": "x"},
            {"Upload-Length": "-1"},
            {"Upload-Defer-Length": "2"},
            {"Upload-Defer-Length": "1"},
        ],
    )
    def test_length_and_deferral_must_be_right_and_not_both(
        self, nadia: Tus, headers: dict[str, str]
    ) -> None:
        assert problem(nadia.begin(b"x", headers=headers)) == (400, "bad-request")

    @pytest.mark.parametrize("name", ["../up.log", "a/b", "nul", "a\nb", "a\u202eb", "", "x" * 300])
    def test_a_dangerous_file_name_is_refused_by_field(self, nadia: Tus, name: str) -> None:
        reply = nadia.begin(b"x", filename=name)
        assert problem(reply) == (400, "bad-request")
        assert "filename" in reply.json()["fields"]

    def test_the_first_bytes_may_come_with_the_creation(self, nadia: Tus) -> None:
        content = os.urandom(50_000)
        headers = {
            **BYTES,
            "Upload-Length": "50000",
            "Upload-Metadata": nadia.metadata(content, filename="with.log"),
        }
        reply = nadia.session.post("/uploads", data=content[:20_000], headers=headers)
        assert (reply.status_code, reply.headers["Upload-Offset"]) == (201, "20000")
        assert nadia.patch(reply.headers["Location"], 20_000, content[20_000:]).status_code == 204
        assert nadia.state(reply.headers["Location"])["check"] == "verified"

    def test_a_deferred_length_is_told_later(self, nadia: Tus) -> None:
        content = os.urandom(1000)
        headers = {**TUS, "Upload-Defer-Length": "1", "Upload-Metadata": nadia.metadata(content)}
        where = nadia.session.post("/uploads", headers=headers).headers["Location"]
        assert nadia.patch(where, 0, content[:600]).status_code == 204
        assert nadia.head(where).headers["Upload-Defer-Length"] == "1"
        assert nadia.patch(where, 600, content[600:], Upload_Length="1000").status_code == 204
        assert nadia.state(where)["check"] == "verified"

    def test_a_length_cannot_change(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 10)
        assert problem(nadia.patch(where, 0, b"x", Upload_Length="11")) == (400, "bad-request")

    def test_a_file_larger_than_the_disk_is_refused_before_it_is_sent(self, nadia: Tus) -> None:
        assert problem(nadia.begin(b"x", headers={"Upload-Length": str(2**62)})) == (507, "storage-full")


class TestIdempotency:
    def test_the_same_key_and_content_is_the_same_upload_also_when_it_is_done(self, nadia: Tus) -> None:
        content = os.urandom(1000)
        where = nadia.made(content, idempotency_key="same", filename="once.log")
        nadia.patch(where, 0, content[:500])
        again = nadia.begin(content, idempotency_key="same", filename="once.log")
        assert (again.status_code, again.headers["Location"]) == (201, where)
        assert again.headers["Upload-Offset"] == "500"
        nadia.patch(where, 500, content[500:])
        after = nadia.begin(content, idempotency_key="same", filename="once.log")
        assert (after.headers["Location"], after.headers["Upload-Offset"]) == (where, "1000")
        assert len(nadia.records.files(CASE, "once.log")) == 1

    def test_the_same_key_with_other_content_is_refused(self, nadia: Tus) -> None:
        nadia.made(b"one", idempotency_key="other")
        assert problem(nadia.begin(b"two", idempotency_key="other")) == (409, "idempotency-key-reused")

    def test_a_key_is_free_again_after_termination(self, nadia: Tus) -> None:
        where = nadia.made(b"one", idempotency_key="freed")
        nadia.session.delete(where, headers=TUS)
        assert nadia.made(b"two", idempotency_key="freed") != where


class TestChecksum:
    @pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
    def test_a_right_checksum_is_taken(self, nadia: Tus, algorithm: str) -> None:
        content = os.urandom(1000)
        where = nadia.made(content)
        reply = nadia.patch(where, 0, content, Upload_Checksum=checksum(content, algorithm))
        assert reply.status_code == 204
        assert nadia.state(where)["check"] == "verified"

    def test_a_wrong_checksum_discards_the_chunk_and_nothing_else(self, nadia: Tus) -> None:
        content = os.urandom(3_000_000)
        where = nadia.made(content, filename="chunk.log")
        nadia.patch(where, 0, content[:1_000_000])
        damaged = bytes([content[1_000_000] ^ 1]) + content[1_000_001:]
        reply = nadia.patch(where, 1_000_000, damaged, Upload_Checksum=checksum(content[1_000_000:]))
        assert problem(reply) == (460, "checksum-mismatch")
        assert nadia.head(where).headers["Upload-Offset"] == "1000000"
        nadia.patch(where, 1_000_000, content[1_000_000:], Upload_Checksum=checksum(content[1_000_000:]))
        assert nadia.state(where)["check"] == "verified"

    @pytest.mark.parametrize("value", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha256 AAAA", "sha256"])
    def test_an_unknown_or_broken_checksum_is_a_bad_request(self, nadia: Tus, value: str) -> None:
        where = nadia.made(b"x")
        assert problem(nadia.patch(where, 0, b"x", Upload_Checksum=value)) == (400, "bad-request")


class TestWholeDigest:
    def test_a_file_that_differs_is_kept_aside_and_reported(self, nadia: Tus, portal: PortalProcess) -> None:
        where = nadia.made(b"announced", filename="differs.log", idempotency_key="differs")
        assert problem(nadia.patch(where, 0, b"something")) == (460, "digest-differs")
        state = nadia.state(where)
        assert (state["phase"], state["check"]) == ("done", "differs")
        (file,) = nadia.records.files(CASE, "differs.log")
        assert (file.check, bool(file.note)) == ("differs", True)
        assert (portal.data / "cases" / CASE / "aside" / file.id).read_bytes() == b"something"
        assert not (portal.data / "cases" / CASE / "files" / file.id).exists()

    def test_a_file_that_differed_may_be_sent_again_under_the_same_key(self, nadia: Tus) -> None:
        where = nadia.made(b"good", filename="again.log", idempotency_key="again")
        nadia.patch(where, 0, b"evil")
        second = nadia.made(b"good", filename="again.log", idempotency_key="again")
        assert second != where
        assert nadia.patch(second, 0, b"good").status_code == 204

    def test_the_manifest_of_a_bundle_is_compared_and_kept(self, nadia: Tus, tmp_path: Path) -> None:
        manifest = b'{"format": 1}\n'
        content = bundle(tmp_path, manifest)
        where = nadia.made(
            content, filename="bundle.zip", manifest_sha256=hashlib.sha256(manifest).hexdigest()
        )
        assert nadia.patch(where, 0, content).status_code == 204
        (file,) = nadia.records.files(CASE, "bundle.zip")
        assert (file.check, file.has_manifest) == ("verified", True)

    def test_another_manifest_than_announced_is_kept_aside(self, nadia: Tus, tmp_path: Path) -> None:
        content = bundle(tmp_path, b'{"format": 1}\n')
        where = nadia.made(content, filename="swapped.zip", manifest_sha256="ab" * 32)
        assert problem(nadia.patch(where, 0, content)) == (460, "digest-differs")

    def test_a_bundle_without_its_manifest_is_kept_aside(self, nadia: Tus) -> None:
        where = nadia.made(b"no zip at all", filename="nozip.zip", manifest_sha256="ab" * 32)
        assert problem(nadia.patch(where, 0, b"no zip at all")) == (460, "digest-differs")


class TestConcatenation:
    def part(self, tus: Tus, content: bytes) -> str:
        reply = tus.session.post(
            "/uploads", headers={**TUS, "Upload-Length": str(len(content)), "Upload-Concat": "partial"}
        )
        assert reply.status_code == 201, reply.text
        where = reply.headers["Location"]
        assert tus.patch(where, 0, content).status_code == 204
        return where

    def join(self, tus: Tus, parts: list[str], content: bytes, **changes: str) -> requests.Response:
        headers = {
            **TUS,
            "Upload-Concat": "final;" + " ".join(parts),
            "Upload-Metadata": tus.metadata(content, **changes),
        }
        return tus.session.post("/uploads", headers=headers)

    def test_parts_become_one_verified_file_in_the_order_named(self, nadia: Tus) -> None:
        content = os.urandom(900_000)
        second = self.part(nadia, content[400_000:])
        first = self.part(nadia, content[:400_000])
        reply = self.join(nadia, [first, second], content, filename="joined.log")
        assert reply.status_code == 201
        where = reply.headers["Location"]
        assert nadia.state(where)["check"] == "verified"
        head = nadia.head(where)
        assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("900000", "900000")
        assert head.headers["Upload-Concat"] == f"final;{first} {second}"
        assert nadia.head(first).status_code == 410

    def test_parts_in_the_wrong_order_differ(self, nadia: Tus) -> None:
        first, second = self.part(nadia, b"ab"), self.part(nadia, b"cd")
        reply = self.join(nadia, [second, first], b"abcd", filename="order.log")
        assert problem(reply) == (460, "digest-differs")
        assert reply.headers["Location"]

    def test_a_part_tells_that_it_is_one(self, nadia: Tus) -> None:
        assert nadia.head(self.part(nadia, b"ab")).headers["Upload-Concat"] == "partial"

    def test_an_incomplete_part_cannot_be_joined(self, nadia: Tus) -> None:
        headers = {**TUS, "Upload-Length": "5", "Upload-Concat": "partial"}
        where = nadia.session.post("/uploads", headers=headers).headers["Location"]
        assert problem(self.join(nadia, [where], b"abcde")) == (400, "bad-request")

    def test_a_final_upload_takes_no_bytes_and_no_length(self, nadia: Tus) -> None:
        where = self.part(nadia, b"ab")
        headers = {**TUS, "Upload-Concat": f"final;{where}", "Upload-Metadata": nadia.metadata(b"ab")}
        assert problem(nadia.session.post("/uploads", headers={**headers, "Upload-Length": "2"}))[0] == 400
        assert problem(nadia.session.post("/uploads", data=b"ab", headers={**headers, **BYTES}))[0] == 400

    def test_the_same_key_joins_only_once(self, nadia: Tus) -> None:
        where = self.part(nadia, b"ab")
        one = self.join(nadia, [where], b"ab", idempotency_key="joined", filename="one.log")
        two = self.join(nadia, [where], b"ab", idempotency_key="joined", filename="one.log")
        assert one.headers["Location"] == two.headers["Location"]
        assert len(nadia.records.files(CASE, "one.log")) == 1


class TestEnd:
    def test_a_terminated_upload_is_gone_and_its_bytes_too(self, nadia: Tus, portal: PortalProcess) -> None:
        where = nadia.made(b"x" * 10)
        nadia.patch(where, 0, b"x" * 5)
        assert nadia.session.delete(where, headers=TUS).status_code == 204
        assert nadia.head(where).status_code == 410
        assert problem(nadia.patch(where, 5, b"x" * 5)) == (410, "upload-gone")
        assert not (portal.data / "uploads" / where.rsplit("/", 1)[-1]).exists()

    def test_a_file_of_the_case_cannot_be_taken_back(self, nadia: Tus) -> None:
        where = nadia.made(b"x", filename="stays.log")
        nadia.patch(where, 0, b"x")
        assert problem(nadia.session.delete(where, headers=TUS))[0] == 409
        assert nadia.records.files(CASE, "stays.log")

    def test_expiry_is_announced_and_kept(self, nadia: Tus) -> None:
        where = nadia.made(b"x" * 10)
        assert nadia.patch(where, 0, b"x" * 5).headers["Upload-Expires"].endswith("GMT")
        nadia.records.expire_upload(where.rsplit("/", 1)[-1])
        assert nadia.head(where).status_code == 410
        assert problem(nadia.patch(where, 5, b"x" * 5)) == (410, "upload-gone")


class TestAccess:
    def test_without_sign_in_nothing_is_possible(self, portal: PortalProcess, nadia: Tus) -> None:
        where = nadia.made(b"x")
        with portal.session() as stranger:
            for reply in (
                stranger.post("/uploads", headers={**TUS, "Upload-Length": "1"}),
                stranger.patch(where, data=b"x", headers={**BYTES, "Upload-Offset": "0"}),
                stranger.delete(where, headers=TUS),
            ):
                assert problem(reply) == (401, "not-signed-in")
            assert stranger.head(where, headers=TUS).status_code == 401
            assert stranger.get(f"{where}/state").status_code == 401

    def test_who_is_not_signed_in_is_told_nothing_else(self, portal: PortalProcess, nadia: Tus) -> None:
        where = nadia.made(b"x")
        with portal.session() as stranger:
            reply = stranger.patch(where, data=b"x", headers={**TUS, "Content-Type": "text/plain"})
        assert problem(reply) == (401, "not-signed-in")

    def test_only_designated_contacts_send(self, portal: PortalProcess, nadia: Tus) -> None:
        for person in portal.people:
            if person.account != "acc-1001" or person.level == "read-write":
                continue
            with portal.session(person.name.split()[0]) as session:
                other = Tus(session, nadia.records, nadia.acknowledgement)
                assert problem(other.begin(b"x"))[0] == 403
                part = session.post(
                    "/uploads", headers={**TUS, "Upload-Length": "1", "Upload-Concat": "partial"}
                )
                assert problem(part) == (403, "access-level")

    def test_without_an_acknowledgement_nothing_is_sent(self, nadia: Tus) -> None:
        reply = nadia.begin(b"x", acknowledgement="")
        assert problem(reply) == (403, "not-acknowledged")
        assert reply.json()["rule"] == "R-FILE-1"

    def test_an_acknowledgement_of_another_case_does_not_count(
        self, nadia: Tus, portal: PortalProcess
    ) -> None:
        row = nadia.records.site.database.row(
            "SELECT number FROM cases WHERE account = 'acc-1001' AND status <> 'Closed' AND number <> ?",
            (CASE,),
        )
        assert row is not None
        other = nadia.records.acknowledge(row["number"], portal.person("Nadia").email)
        assert problem(nadia.begin(b"x", acknowledgement=other)) == (403, "not-acknowledged")

    def test_an_unknown_case_does_not_exist(self, nadia: Tus) -> None:
        assert problem(nadia.begin(b"x", case="9999999999")) == (404, "not-found")

    def test_an_upload_belongs_to_its_creator(self, nadia: Tus, agent: Tus) -> None:
        where = nadia.made(b"x")
        assert agent.head(where).status_code == 404
        assert problem(agent.patch(where, 0, b"x")) == (404, "not-found")
        assert problem(agent.session.delete(where, headers=TUS)) == (404, "not-found")
        assert agent.session.get(f"{where}/state").status_code == 404

    def test_a_closed_case_takes_no_new_upload(self, nadia: Tus) -> None:
        with nadia.records.closed(CASE):
            reply = nadia.begin(b"x")
        assert problem(reply) == (409, "case-closed")
        assert reply.json()["rule"] == "R-FILE-1"

    def test_a_case_that_closes_takes_no_more_bytes_but_keeps_those_it_has(self, nadia: Tus) -> None:
        where = nadia.made(b"abcd", filename="closing.log")
        nadia.patch(where, 0, b"ab")
        with nadia.records.closed(CASE):
            assert problem(nadia.patch(where, 2, b"cd")) == (409, "case-closed")
        assert nadia.patch(where, 2, b"cd").status_code == 204
        assert nadia.state(where)["check"] == "verified"

    def test_an_agent_sends_to_cases_of_its_account_without_an_acknowledgement(self, agent: Tus) -> None:
        where = agent.made(b"agent", filename="agent.log")
        assert agent.patch(where, 0, b"agent").status_code == 204
        (file,) = agent.records.files(CASE, "agent.log")
        assert (file.check, file.sent_by) == ("verified", "sip-t01")

    def test_an_agent_does_not_see_cases_of_other_accounts(self, agent: Tus) -> None:
        row = agent.records.site.database.row("SELECT number FROM cases WHERE account <> 'acc-1001'")
        assert row is not None
        assert problem(agent.begin(b"x", case=row["number"])) == (404, "not-found")


@pytest.fixture(scope="module")
def agent(portal: PortalProcess, records: Records) -> Iterator[Tus]:
    tokens: Tokens = agent_tokens(portal, register_agent(portal))
    with portal.session(tokens=tokens) as session:
        yield Tus(session, records, "")


def bundle(folder: Path, manifest: bytes) -> bytes:
    path = folder / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("sip.log", os.urandom(1000))
    return path.read_bytes()
