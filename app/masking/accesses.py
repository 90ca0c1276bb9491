"""Log-ins in what servers, printers, licences and shells say of who came, asked, printed or signed in."""

from __future__ import annotations

from app.masking.patterns import Pattern

OF_SYSTEMS = frozenset(
    b"apache asterisk backup bin cassandra couchdb daemon docker elasticsearch freeswitch git grafana"
    b" haproxy httpd jenkins kafka kamailio mail mariadb memcached mongodb mysql named nginx nobody ntp"
    b" opensips postfix postgres prometheus rabbitmq redis rsyslog sshd syslog tomcat www www-data"
    b" zabbix zookeeper".split()
)
"""Accounts of services, and of nobody: ``sudo -u postgres psql``, ``lsof -u mysql``."""
_USER = rb"(?P<user>[A-Za-z][\w.@\\$+-]{1,63})"
_PAGES = Pattern(
    rb"[\w.-] \d{1,9} "
    + _USER
    + rb" \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] (?:total|\d{1,6}) \d",
    words=(b"] ",),
)
"""``laser-2 4417 mohara [05/May/2024:09:00:04 +0200] total 3 …``: pages of CUPS."""
_FTP = Pattern(
    rb" \d{4} \[pid \d{1,9}\] \[(?P<user>(?!anonymous\]|ftp\])[^\]\s]{1,64})\] (?:OK|FAIL) [A-Z]",
    words=(b"[pid ",),
)
"""``… 2024 [pid 2] [mohara] FAIL LOGIN: Client "10.1.2.3"``: the log of vsftpd itself."""
_PROXIED = Pattern(rb" (?P<user>[A-Za-z0-9][\w.@%\\+-]{1,63}) HIER_[A-Z_]{3,32}/", words=(b" HIER_",))
"""``CONNECT maps.example:443 mohara HIER_DIRECT/…`` of Squid."""
_ASKED = Pattern(
    rb" (?!anonymous )(?P<user>[A-Za-z][\w.@-]{1,63}) \d{1,4}x\d{1,9}x\d{1,4} [0-9a-z-]{1,12} ",
)
"""``http-nio-8080-exec-17 mohara 537x4417x1 1x2y3z 10.1.2.3 /rest/…`` of Jira: who, request, session."""
_MAPPED = Pattern(
    rb"user \[[^\]\r\n]{0,64}\] -> \[(?P<user>[\w.@\\$+-]{1,64})\] (?:FAILED|succeeded)", words=(b"] -> [",)
)
"""``Authentication for user [MOHARA] -> [mohara] FAILED`` of Samba."""
_TERMINAL = Pattern(
    rb"(?<!\w)User (?P<user>[A-Z][A-Z0-9_]{1,11}) Terminal (?=[A-Za-z0-9])", words=(b" Terminal ",)
)
"""``User MOHARA Terminal PC-4711 timed out`` of SAP."""
_AUDITED = Pattern(
    rb" (?P<user>[A-Z][A-Z0-9_]{2,11}) Logon (?:successful|failed) \(type=", words=(b" Logon ",)
)
_OWNED = Pattern(
    rb"(?<!\w)(?:owned by|im Besitz von) (?P<user>[A-Za-z][\w.$-]{1,63}) (?:on|auf) \\\\",
    words=(b" on \\\\", b" auf \\\\"),
)
"""``Document 88, … owned by mohara on \\\\PC-4711 was printed on …`` of Windows."""
_PRINTED = Pattern(
    rb"(?<!\w)(?:[Pp]rinted|[Ss]ubmitted|[Qq]ueued|[Cc]ancell?ed)(?: on \"[^\"\r\n]{1,64}\")? by "
    rb"(?P<mark>['\"])(?P<user>[a-z][a-z0-9._@+-]{2,63})(?P=mark)",
    words=(b" by '", b' by "'),
)
"""``Queued on "laser-2" by "mohara".``"""
_NOTIFIED = Pattern(
    rb"(?<!\w)(?:HOST|SERVICE) NOTIFICATION: (?P<user>[A-Za-z][\w.@-]{1,63});", words=(b" NOTIFICATION: ",)
)
"""``SERVICE NOTIFICATION: mohara;db-1;…`` of Nagios and Icinga."""
_AT_HOST = rb"(?<![\w.@$+:/-])(?P<user>[a-z_][\w.-]{1,31})@(?:[A-Za-z][\w-]{0,62}|(?:\d{1,3}\.){3}\d{1,3})"
_DENIED = Pattern(_AT_HOST + rb"(?:: Permission denied|'s password:|:[/~])", words=(b"@",))
"""``mohara@db-1: Permission denied (publickey).``, ``scp x mohara@db-1:/tmp``."""
_LICENSED = Pattern(
    rb"(?<!\w)(?:OUT|IN|DENIED|QUEUED|DEQUEUED|UNSUPPORTED): \"[^\"\r\n]{1,64}\" "
    + _AT_HOST
    + rb"(?![\w@.-])",
    words=(b': "',),
)
"""``OUT: "sip_agent" mohara@pc-4711 (4 licenses)`` of FlexNet."""
_SHELL = Pattern(
    rb"(?<![\w.@$/-])(?:ssh|sftp|slogin) (?:-p \d{1,5} |-[A-Za-z]{1,8} ){0,3}" + _AT_HOST + rb"(?![\w@.-])",
    words=(b"ssh ", b"sftp ", b"slogin "),
)
"""``ssh -p 2222 mohara@db-1 uptime``."""
LOGINS = (
    _PAGES, _FTP, _PROXIED, _ASKED, _MAPPED, _TERMINAL, _AUDITED, _OWNED, _PRINTED, _NOTIFIED,
    _DENIED, _LICENSED, _SHELL,
)  # fmt: skip
"""Each with the log-in as its group ``user``."""
AT_HOSTS = frozenset({_DENIED, _LICENSED, _SHELL})
"""Those that may be the account of a service."""
