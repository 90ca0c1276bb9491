"""Whether a request that the portal has signed is one to think about. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.portal.contract import LogRequest

SKEW = timedelta(minutes=10)
"""By how much the portal's clock may be ahead of this one."""
LONGEST_RANGE = timedelta(days=31)
LONGEST_LIFE = timedelta(days=7)


def objection(request: LogRequest, *, account: str, now: datetime) -> str:
    """Why it is refused without a look at the logs, for people; empty when it is not.

    Args:
        request: signed by the portal.
        account: the combination that this agent belongs to; not looked at when empty.
        now: aware time.
    """
    if account and request.account != account:
        return "It is for another customer."
    if request.asked > now + SKEW:
        return "Its time lies ahead: the clocks differ."
    if request.expires - request.asked > LONGEST_LIFE or request.expires <= request.asked:
        return "It would be good for too long."
    if now >= request.expires:
        return "It came too late."
    if not timedelta() < request.last - request.first <= LONGEST_RANGE:
        return f"Its range is not up to {LONGEST_RANGE.days} days."
    if not request.applications:
        return "It names no application."
    return ""
