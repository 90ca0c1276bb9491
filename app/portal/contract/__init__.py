"""The portal's contract, version 1: the dataclasses that travel as JSON under ``/api/v1``.

The built-in portal serves them with FastAPI, the client reads them with msgspec. Times are aware UTC
(RFC 3339), sizes are bytes, digests are lower-case hex SHA-256.
"""

from app.portal.contract.access import (
    AccountPair,
    AgentCredential,
    Contact,
    Me,
    Membership,
    NewAgent,
    NewAgentCredential,
)
from app.portal.contract.cases import Case, CaseFilter, CaseView, NewComment, Update, UpdateKind, ViewCounts
from app.portal.contract.events import Event, EventKind
from app.portal.contract.files import (
    Acknowledgement,
    CaseFile,
    CaseIntake,
    SftpAccount,
    SftpHost,
    UploadMetadata,
    UploadPhase,
    UploadState,
)
from app.portal.contract.logs import (
    LogAnswer,
    LogAnswerKind,
    LogRequest,
    LogRequestState,
    LogRequestView,
    NewLogAnswer,
    NewLogRequest,
    SignedLogRequest,
)
from app.portal.contract.paging import Page
from app.portal.contract.problems import Problem, ProblemCode
from app.portal.contract.service import Capabilities, Gateway, Limits, TokenReply

__all__ = [
    "AccountPair",
    "Acknowledgement",
    "AgentCredential",
    "Capabilities",
    "Case",
    "CaseFile",
    "CaseFilter",
    "CaseIntake",
    "CaseView",
    "Contact",
    "Event",
    "EventKind",
    "Gateway",
    "Limits",
    "LogAnswer",
    "LogAnswerKind",
    "LogRequest",
    "LogRequestState",
    "LogRequestView",
    "Me",
    "Membership",
    "NewAgent",
    "NewAgentCredential",
    "NewComment",
    "NewLogAnswer",
    "NewLogRequest",
    "Page",
    "Problem",
    "ProblemCode",
    "SftpAccount",
    "SftpHost",
    "SignedLogRequest",
    "TokenReply",
    "Update",
    "UpdateKind",
    "UploadMetadata",
    "UploadPhase",
    "UploadState",
    "ViewCounts",
]
