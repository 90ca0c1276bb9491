"""Accounts and their secrets as devices are configured and directories are asked for.

``username mohara privilege 15 secret 9 $9$…`` of Cisco, ``Get-ADUser mohara``, ``net user mohara … /add``.
"""

from __future__ import annotations

from app.masking.patterns import Pattern

_TOLD = (
    rb"(?P<password>(?=[^\x00-\x20'\"<>\d$!@#%^&*_+=/~?]{0,127}[\d$!@#%^&*_+=/~?])"
    rb"[^\x00-\x20'\"<>]{2,128})(?=[\s'\"]|\Z)"
)
"""A secret that has a digit or a mark of its own: ``username and password login, …`` tells none."""
_USER = rb"(?P<user>[A-Za-z][\w.@-]{1,63})"
DEVICE = Pattern(
    rb"(?<![\w.-])username "
    + _USER
    + rb" (?:privilege \d{1,2} |role [\w-]{1,32} )?(?:secret|password) (?:[05789] )?"
    + _TOLD,
    words=(b"username ",),
)
_ENABLED = Pattern(
    rb"(?<![\w.-])enable (?:secret|password) (?:level \d{1,2} )?(?:[05789] )?" + _TOLD, words=(b"enable ",)
)
_SERVED = Pattern(
    rb"(?<!\w)(?:radius|tacacs)-server (?:host [\w.:-]{1,64} )?(?:[a-z-]{1,16} \d{1,5} ){0,3}key (?:[067] )?"
    + _TOLD,
    words=(b"-server ",),
)
_COMMUNITY = Pattern(
    rb"(?<!\w)snmp-server community (?P<password>[^\x00-\x20'\"<>]{2,64}) (?:RO|RW|ro|rw|view)(?!\w)",
    words=(b"snmp-server community ",),
)
_POLLED = Pattern(
    rb"(?<!\w)community (?P<mark>['\"])(?P<password>(?!public|private)[^\x00-\x20'\"<>]{2,64})(?P=mark)",
    words=(b"community '", b'community "'),
)
"""``community 's3cret' from …`` of an agent of SNMP."""
_SHARED = Pattern(
    rb"(?<!\w)isakmp key (?:[06] )?(?P<password>[^\x00-\x20'\"<>]{2,128}) (?:address|hostname) ",
    words=(b"isakmp key ",),
)
_STRING = Pattern(rb"(?<![\w-])key-string (?:[07] )?" + _TOLD, words=(b"key-string ",))
TYPED = Pattern(
    rb"(?<![\w.-])net user (?P<user>[A-Za-z][\w.$-]{1,63})(?: (?P<password>[^\x00-\x20/*'\"<>]{4,128}))? /",
    words=(b"net user ",),
)
ASKED = Pattern(
    rb"(?<!\w)[A-Za-z]{1,4}\d{1,5} LOGIN "
    rb"(?!(?i:failed|failure|success|error|denied|attempt|timeout|ok)(?!\w))"
    + _USER
    + rb" (?P<password>[^\x00-\x20'\"<>]{2,128})(?=['\"\r\n]|\Z)",
    words=(b" LOGIN ",),
)
"""``A001 LOGIN mohara s3cret`` of IMAP."""
_DIRECTORY = Pattern(
    rb"-AD(?:User|Account|AccountPassword) (?:-Identity )?['\"]?(?P<user>[A-Za-z][\w.]{1,63})(?![\w.-])",
    words=(b"-AD",),
)
_DENIED = Pattern(
    rb"(?<!\w)[Pp]ermission to [^\s]{1,128} denied to "
    rb"(?P<user>[A-Za-z](?:[\w@-]|\.(?=\w)){1,63})(?=\.?(?:\s|\Z))",
    words=(b" denied to ",),
)
_CREDENTIALS = Pattern(rb"(?<!\w)set-credentials " + _USER + rb"(?=\s|\Z)", words=(b"set-credentials ",))
_PEER = Pattern(
    rb"(?::\d{1,5}|[0-9a-f]) \[(?P<user>[A-Za-z][\w.@-]{2,63})\] Peer Connection Initiated with ",
    words=(b"] Peer Connection ",),
)
"""``203.0.113.44:51823 [mohara] Peer Connection Initiated with …`` of OpenVPN."""
LOGINS = (_PEER, DEVICE, TYPED, ASKED, _DIRECTORY, _DENIED, _CREDENTIALS)
"""Each with the log-in as its group ``user``."""
SECRETS = (DEVICE, _ENABLED, _SERVED, _COMMUNITY, _POLLED, _SHARED, _STRING, TYPED, ASKED)
"""Each with the secret as its group ``password``."""
