"""The portal's calls under ``/api/v1``, but for uploads."""

from fastapi import APIRouter

from app.portal.contract import Problem
from app.sandbox.api.agents import router as _agents
from app.sandbox.api.cases import router as _cases
from app.sandbox.api.events import router as _events
from app.sandbox.api.files import router as _files
from app.sandbox.api.logrequests import router as _log_requests
from app.sandbox.api.service import router as _service
from app.sandbox.problems import MEDIA_TYPE

__all__ = ["PROBLEMS", "router"]

PROBLEMS: dict[int | str, dict[str, object]] = {
    "4XX": {
        "model": Problem,
        "content": {MEDIA_TYPE: {}},
        "description": "A problem (RFC 9457); `code` is stable, `rule` names the rule that refused.",
    },
    "5XX": {
        "model": Problem,
        "content": {MEDIA_TYPE: {}},
        "description": "A problem of the portal; `reference` stands in its log.",
    },
}

router = APIRouter(responses=PROBLEMS)
for _part in (_service, _cases, _files, _agents, _log_requests, _events):
    router.include_router(_part)
