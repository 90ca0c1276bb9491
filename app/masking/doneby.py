"""Log-ins behind what somebody did (``approved by m.ohara``), and behind words for users."""

from __future__ import annotations

from app.masking.patterns import Pattern

_NO_PERSON = (
    rb"(?!(?:service|timer|socket|target|mount|daily|weekly|hourly|monthly|local|internal|default|system|server"
    rb"|client|manager|module|plugin|scheduler|job|task|worker|boot|maven|gradle|exe|conf|config|json|yaml"
    rb"|yml|xml|html|jar|war|class|java|php|aspx|css|txt|log|ini|properties|com|net|org|info|cloud|dev"
    rb"|example|cgi|bat|cmd|dll|sys)(?![a-z\d]))"
)
_BY = Pattern(
    rb"(?<![\w\x80-\xff-])(?:[Aa]pproved|[Rr](?:equested|eviewed|ejected|evoked|esolved|eopened|otated|eset)"
    rb"|[Aa](?:cknowledged|ssigned)|[Ss](?:igned|ubmitted)|[Mm]odified|[Ee](?:dited|xported)"
    rb"|[Cc](?:reated|hanged|ancelled|anceled|losed)|[Uu](?:pdated|nlocked)|[Dd]eleted|[Ll]ocked|[Gg]ranted"
    rb"|[Oo]pened) by (?P<user>[a-z]{1,20}\.(?:"
    + _NO_PERSON
    + rb"[a-z]{3,24}\d{0,3}))(?![\w\x80-\xff@/(\\=-]|\.\w|:[\w/])",
    words=(b"ed by ", b"eset by "),
)
_USER_WORD = (
    rb"(?:[Uu]tilisateur|[Uu]suario|[Uu]tente|[Bb]enutzer|[Gg]ebruiker|[Uu]tilizador|[Bb]ruker|[Bb]ruger"
    rb"|[Uu]zivatel)"
)
_LOGIN = rb"(?:[a-z][a-z0-9]{0,31}(?:[._][a-z0-9]{1,31}){1,3}|[a-z]{2,31}\d{1,6})"
_OF_USER = Pattern(
    rb"(?<![\w\x80-\xff.-])" + _USER_WORD + rb" (?P<user>" + _LOGIN + rb")(?=[ ,;)\r\n]|\.(?!\w)|\Z)",
    words=(
        b"tilisateur ",
        b"suario ",
        b"tente ",
        b"enutzer ",
        b"ebruiker ",
        b"tilizador ",
        b"ruker ",
        b"ruger ",
        b"zivatel ",
    ),
)
_OF_SESSION = Pattern(
    rb"(?<![\w\x80-\xff.-])[Uu]ser (?P<user>" + _LOGIN + rb") session(?!\w)", words=(b" session",)
)
DOERS = (_BY, _OF_USER, _OF_SESSION)
"""Each with the log-in as its group ``user``."""
