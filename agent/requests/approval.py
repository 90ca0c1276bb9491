"""Whether what is sent now is what was decided about. Pure (R-LOG-1).

Logs grow and come while a person thinks or the portal is away: a yes is one to what was shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.requests.policy import Part

_GROWTH = 0.1
_ALWAYS = 64 * 1024


def beyond(shown: Sequence[Part], now: Sequence[Part]) -> bool:
    """Whether there is more than was shown: logs of another application or kind, or a tenth more bytes.

    Args:
        shown: what was decided about.
        now: what would be sent.
    """
    known = {(part.application, part.kind) for part in shown}
    if any((part.application, part.kind) not in known for part in now):
        return True
    before = sum(part.size for part in shown)
    return sum(part.size for part in now) > before * (1 + _GROWTH) + _ALWAYS
