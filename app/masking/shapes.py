"""Ids of the built-in detectors, as rule files switch them on."""

DETECTORS = (
    "keyed", "dtmf", "display-name", "person-name", "sip-uri", "sip-host", "sdp-origin", "secret", "mail",
    "iban", "card", "national-id", "log-host", "login", "geo", "mac", "ip", "phone", "host", "base64",
)  # fmt: skip
"""In order of priority: where two overlap, the earlier one keeps its place."""

SHAPES = frozenset({*DETECTORS, "learned"})
"""What a rule file can switch on; ``learned`` looks for values of keys wherever they recur."""
