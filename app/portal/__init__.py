"""The support portal: its contract, the client, signing in, the offline copy and the outbox.

It must not know widgets. `contract` is shared with the portal's server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later

if TYPE_CHECKING:
    from app.portal.case_copy import CaseCopy, open_portal_database
    from app.portal.case_order import CaseGroup, CaseOrder, CopyFilter
    from app.portal.client import PortalClient, new_key
    from app.portal.downloads import Downloaded
    from app.portal.drafts import Draft, Drafts
    from app.portal.events import EventStream
    from app.portal.log_requests import read_request_key, request_key_fingerprint, signed_request
    from app.portal.oauth import DeviceCode, portal_root
    from app.portal.outbox import Delivery, Outbox, Waiting
    from app.portal.sign_in import sign_in_with_browser, sign_in_with_device
    from app.portal.sync import CaseSync, Changed
    from app.portal.tokens import AgentTokens, PersonTokens, SignIn, TokenSource

__all__ = [
    "AgentTokens",
    "CaseCopy",
    "CaseGroup",
    "CaseOrder",
    "CaseSync",
    "Changed",
    "CopyFilter",
    "Delivery",
    "DeviceCode",
    "Downloaded",
    "Draft",
    "Drafts",
    "EventStream",
    "Outbox",
    "PersonTokens",
    "PortalClient",
    "SignIn",
    "TokenSource",
    "Waiting",
    "new_key",
    "open_portal_database",
    "portal_root",
    "read_request_key",
    "request_key_fingerprint",
    "sign_in_with_browser",
    "sign_in_with_device",
    "signed_request",
]

_HOMES = {
    "AgentTokens": "tokens",
    "CaseCopy": "case_copy",
    "CaseGroup": "case_order",
    "CaseOrder": "case_order",
    "CaseSync": "sync",
    "Changed": "sync",
    "CopyFilter": "case_order",
    "Delivery": "outbox",
    "DeviceCode": "oauth",
    "Downloaded": "downloads",
    "Draft": "drafts",
    "Drafts": "drafts",
    "EventStream": "events",
    "Outbox": "outbox",
    "PersonTokens": "tokens",
    "PortalClient": "client",
    "SignIn": "tokens",
    "TokenSource": "tokens",
    "Waiting": "outbox",
    "new_key": "client",
    "open_portal_database": "case_copy",
    "portal_root": "oauth",
    "read_request_key": "log_requests",
    "request_key_fingerprint": "log_requests",
    "sign_in_with_browser": "sign_in",
    "sign_in_with_device": "sign_in",
    "signed_request": "log_requests",
}

# The client loads its libraries with the first name asked for; `contract` needs none.
__getattr__ = loaded_later(__name__, _HOMES)
