"""What arrived in a case of a real portal: the bundles of agents, line by line."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import Any

from tests.peers.portal import PortalProcess
from tests.peers.unpacking import members_of

_LINE = re.compile(r"part \S+ s\d+x row r\d+x end")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A bundle as the portal gives it back."""

    name: str
    check: str
    sent_by: str
    content: bytes

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(members_of(self.content)["manifest.json"])
        return found

    @property
    def text(self) -> str:
        """All members one after the other, packed ones unpacked."""
        members = members_of(self.content).values()
        texts = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data for data in members)
        return "".join(text.decode("utf-8") for text in texts)

    @property
    def lines(self) -> list[str]:
        """The lines of a `Site` in it."""
        return _LINE.findall(self.text)


def arrived(
    portal: PortalProcess, case: str, *, server: str = "sip-t01", person: str = "Nadia"
) -> list[Arrived]:
    """Everything that the agent of this server has sent to the case."""
    found: list[Arrived] = []
    with portal.session(person) as session:
        cursor = ""
        while True:
            page = session.get(f"/cases/{case}/files", params={"cursor": cursor} if cursor else None).json()
            for file in page["items"]:
                if file["sent_by"] == server:
                    answer = session.get(f"/cases/{case}/files/{file['id']}/content")
                    assert answer.status_code == 200, answer.text
                    found.append(Arrived(file["name"], file["check"], file["sent_by"], answer.content))
            cursor = page["next_cursor"] or ""
            if not cursor:
                return found
