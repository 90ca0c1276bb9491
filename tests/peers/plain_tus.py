"""A tus client of the shortest kind: it does what a test says, and nothing of its own accord."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field

import requests

from app.sandbox.uploads import format_metadata
from tests.peers.portal import PortalSession
from tests.peers.portal_records import Records

CASE = "0003256109"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class Tus:
    """A tus client of the shortest kind: it does what the test says."""

    session: PortalSession
    records: Records
    acknowledgement: str
    headers: dict[str, str] = field(default_factory=dict)

    def metadata(self, content: bytes, **changes: str) -> str:
        values = {
            "case": CASE,
            "filename": "sip.log",
            "sha256": hashlib.sha256(content).hexdigest(),
            "acknowledgement": self.acknowledgement,
        }
        return format_metadata({key: value for key, value in {**values, **changes}.items() if value})

    def begin(
        self, content: bytes, *, headers: dict[str, str] | None = None, **changes: str
    ) -> requests.Response:
        wanted = {
            **TUS,
            "Upload-Length": str(len(content)),
            "Upload-Metadata": self.metadata(content, **changes),
        }
        return self.session.post("/uploads", headers={**wanted, **(headers or {})})

    def made(self, content: bytes, **changes: str) -> str:
        reply = self.begin(content, **changes)
        assert reply.status_code == 201, reply.text
        return reply.headers["Location"]

    def patch(self, where: str, offset: int, content: bytes, **headers: str) -> requests.Response:
        sent = {
            **BYTES,
            "Upload-Offset": str(offset),
            **{key.replace("_", "-"): v for key, v in headers.items()},
        }
        return self.session.patch(where, data=content, headers=sent)

    def head(self, where: str) -> requests.Response:
        return self.session.head(where, headers=TUS)

    def state(self, where: str) -> dict[str, object]:
        """The state once the check has ended."""
        deadline = time.monotonic() + 120
        while True:
            found: dict[str, object] = self.session.get(f"{where}/state").json()
            if found["phase"] != "checking" or time.monotonic() > deadline:
                return found


def problem(reply: requests.Response) -> tuple[int, str]:
    assert reply.headers["Content-Type"] == "application/problem+json", reply.text
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    return reply.status_code, reply.json()["code"]


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"
