"""Records of Asterisk's ``queue_log``: time, call, queue, agent, event and its details, between bars."""

from __future__ import annotations

import re

from app.masking.patterns import Pattern

_AGENT = Pattern(
    rb"^\d{10}\|[\w.-]{1,64}\|[\w.-]{1,64}\|(?P<user>(?!NONE\|)[^|/<>\r\n]{2,64})"
    rb"\|(?:CONNECT|COMPLETECALLER|COMPLETEAGENT|RINGNOANSWER|ATTENDEDTRANSFER|BLINDTRANSFER|ADDMEMBER|REMOVEMEMBER"
    rb"|PAUSE|UNPAUSE|AGENTLOGIN|AGENTLOGOFF|AGENTDUMP)(?=\|)",
    re.MULTILINE,
    words=(b"|CONNECT|", b"|COMPLETE", b"|RINGNO", b"TRANSFER|", b"MEMBER|", b"PAUSE|", b"|AGENT"),
)
"""A channel (``SIP/7021``) is none."""
CALLER = Pattern(
    rb"\|ENTERQUEUE\|[^|\r\n]{0,64}\|(?P<number>\+?\d{7,15})(?=\|)",
    words=(b"|ENTERQUEUE|",),
)
LOGINS = (_AGENT,)
"""Each with the log-in as its group ``user``."""
