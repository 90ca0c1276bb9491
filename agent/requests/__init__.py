"""Log requests of support: what the portal asks, what the customer's policy and people say, what is sent."""

from agent.requests.asking import Asking, pause_after
from agent.requests.collection import Collection
from agent.requests.desk import RequestDesk, RequestPortal
from agent.requests.ledger import RequestLedger, RequestRow, RequestState
from agent.requests.policy import Circumstances, DataKind, Decision, Part, RequestRule, Ruling, judge
from agent.requests.portalkey import PortalKey
from agent.requests.shown import RequestCounter
from agent.requests.waiting import ANSWER_WITHIN, WaitingTime, lasting_clock

__all__ = [
    "ANSWER_WITHIN",
    "Asking",
    "Circumstances",
    "Collection",
    "DataKind",
    "Decision",
    "Part",
    "PortalKey",
    "RequestCounter",
    "RequestDesk",
    "RequestLedger",
    "RequestPortal",
    "RequestRow",
    "RequestRule",
    "RequestState",
    "Ruling",
    "WaitingTime",
    "judge",
    "lasting_clock",
    "pause_after",
]
