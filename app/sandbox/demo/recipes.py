"""What stands in ``resources/demo/*.toml``, typed; a wrong file is told with the place."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.decoding import ready
from app.domain.access import AccessLevel
from app.domain.cases import CaseType, Priority, Stage, Status, Substatus
from app.portal.contract import UpdateKind

_AS_WRITTEN = {"starts": "from", "ends": "to"}


class ContractRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename=_AS_WRITTEN):
    """``[[account.contract]]``."""

    id: str
    products: str
    starts: str
    ends: str


class AccountRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[account]]``."""

    id: str
    name: str
    sold_to: str
    end_user: str
    support_level: str
    contract: list[ContractRecipe]


class PersonRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[person]]``; the first membership is the one that ``demo-people.json`` names."""

    id: str
    first_name: str
    last_name: str
    email: str
    employer: str
    country: str
    memberships: dict[str, AccessLevel]


class AgentRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[agent]]``: a registration whose secret nobody has."""

    id: str
    account: str
    server: str
    created_by: str
    created: str
    seen: str = ""
    revoked: str = ""


class PeopleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``people.toml``."""

    account: list[AccountRecipe]
    person: list[PersonRecipe]
    agent: list[AgentRecipe]


class FileRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[case.file]]``: either `source`, or the members of a bundle that is packed on loading."""

    id: str
    name: str
    sent: str
    by: str = ""
    support: str = ""
    via: str = ""
    resumed: int = 0
    source: str = ""
    bundle: list[str] = msgspec.field(default_factory=list)


class UpdateRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[case.update]]``: by a person, by support, or by the portal."""

    at: str
    text: str
    by: str = ""
    support: str = ""
    channel: str = ""
    kind: UpdateKind | None = None
    files: list[str] = msgspec.field(default_factory=list)


class CaseRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[case]]``."""

    number: str
    subject: str
    contact: str
    state: tuple[Status, Substatus]
    priority: Priority
    component: str
    opened: str
    updated: str
    account: str = "acc-1001"
    type: CaseType = CaseType.TECHNICAL
    stage: Stage = Stage.PRODUCTION
    version: str = ""
    owner: str = ""
    waiting: str = ""
    closed: str = ""
    escalated: str = ""
    agents_affected: int | None = None
    reference: str = ""
    ask: str = ""
    description: str = ""
    sftp: str = ""
    unread: bool = False
    file: list[FileRecipe] = msgspec.field(default_factory=list)
    update: list[UpdateRecipe] = msgspec.field(default_factory=list)


class RowsRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[row]]``: cases of one contact, one line each.

    A line is number, subject, status, sub-status, priority, component, last change.
    """

    contact: str
    owner: str
    cases: list[tuple[str, str, Status, Substatus, Priority, str, str]]


class CasesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``cases.toml``."""

    case: list[CaseRecipe]
    row: list[RowsRecipe]


def read_people(path: Path) -> PeopleFile:
    """Read ``people.toml``.

    Raises:
        ValueError: it is not TOML, or a member is missing, unknown or of another type; the message names it.
    """
    return msgspec.toml.decode(path.read_bytes(), type=ready(PeopleFile))


def read_cases(path: Path) -> CasesFile:
    """Read ``cases.toml``.

    Raises:
        ValueError: as for `read_people`.
    """
    return msgspec.toml.decode(path.read_bytes(), type=ready(CasesFile))
