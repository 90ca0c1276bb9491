"""Records of calls whose values stand by their place: the lines of Asterisk's ``Master.csv``."""

from __future__ import annotations

import re

from app.masking.patterns import Pattern

_BEHIND = rb'"[\w.-]{1,64}","(?:[^"\r\n]|""){0,128}","(?:PJSIP|SIP|IAX2|DAHDI|Local)/'
_WORDS = (b'","PJSIP/', b'","SIP/', b'","IAX2/', b'","DAHDI/', b'","Local/')
_FROM = Pattern(
    rb'^"[^"\r\n]{0,64}","(?P<number>\+?\d{7,15})","[^"\r\n]{0,64}",' + _BEHIND, re.MULTILINE, words=_WORDS
)
_TO = Pattern(
    rb'^"[^"\r\n]{0,64}","[^"\r\n]{0,64}","(?P<number>\+?\d{7,15})",' + _BEHIND, re.MULTILINE, words=_WORDS
)
RECORDED = (_FROM, _TO)
"""Who called and who was called, as the group ``number``.

A line has an account, the source, the destination, a context, the caller and the channel.
"""
