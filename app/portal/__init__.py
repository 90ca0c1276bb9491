"""The support portal: its contract, the client, signing in, the offline copy and the outbox.

It must not know widgets. `contract` is shared with the portal's server.
"""

from app.portal.case_copy import CaseCopy, open_portal_database
from app.portal.case_order import CaseGroup, CaseOrder, CopyFilter
from app.portal.client import PortalClient, new_key
from app.portal.downloads import Downloaded
from app.portal.drafts import Draft, Drafts
from app.portal.events import EventStream
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
    "sign_in_with_browser",
    "sign_in_with_device",
]
