"""What values must be that a key needs: a street, a number, a log-in, words that are names."""

from __future__ import annotations

from app.masking.patterns import Pattern
from app.masking.plausible import FULL_NAME, PARTICLE
from app.masking.rules import Needs

_NAME_SIGN = rb"(?:[A-Za-z\x80-\xff'.+-]|%[0-9A-F]{2}|\\u[0-9A-Fa-f]{4}|&(?:#x?[0-9A-Fa-f]{1,5}|apos);)"
"""What names are made of, also as URLs, JSON and XML hold it."""
_CAPITAL = rb"(?:[A-Z\x80-\xff]|%C3%[89][0-9A-F])"
_ESCAPED = rb"%[C-E][0-9A-F](?:%[89AB][0-9A-F]){1,2}"
"""A letter that is no ASCII, as URLs hold it."""
_BLANK = rb"(?: |\+|%20)"
_QUOTE = rb"(?:'|%27|&#x27;|&#39;|&apos;)"
_STREET_WORD = (
    rb"(?:ul|al|os|pl|av|avda|str|rua|rue|via|calle|ulica|plaza|piazza|corso|viale|travessa|largo|avenue|boulevard"
    rb"|place|quai|chemin|bd|de|du|des|den|het|op|van|am|an|im|in|zum|zur)[./]?"
    + _BLANK
    + rb"(?:(?:du|des|de|del|della|la|le|les|den|der|da|do|dos)"
    + _BLANK
    + rb"){0,2}(?:[dl]"
    + _QUOTE
    + rb")?"
)
"""Small words before the name of a street."""

_WORDS = (
    rb"(?:"
    + PARTICLE
    + rb"(?:[ +]|%20)){0,3}(?:"
    + _QUOTE
    + rb"[ts](?:[ +]|%20)|[a-z]{1,4}(?:-|"
    + _QUOTE
    + rb"))?"
    rb"(?:[A-Z\x80-\xff]|%(?:C[3-9EF]|D[01])|\\u[0-9A-Fa-f]{4}|&#x?[0-9A-Fa-f]{1,5};)"
    + _NAME_SIGN
    + rb"{0,64}"
    rb"(?:[ ,]{1,2}" + _NAME_SIGN + rb"{1,64}){0,5}"
)
"""Words that begin with a capital, as names are written."""

NEEDED = {
    Needs.DIGIT: Pattern(rb"[^ \t0-9.-]{0,512}[0-9.-]"),
    Needs.LETTER: Pattern(rb"[^A-Za-z\x80-\xff]{0,512}[A-Za-z\x80-\xff]"),
    Needs.LOGIN: Pattern(rb"(?:[0-9]{0,16}[a-z][a-z0-9._@+\x80-\xff-]{2,63}|[A-Z]{1,2}\d{4,8})\Z"),
    Needs.PHONE: Pattern(
        rb"(?:(?:\+|%2[bB])[ ()\d/.-]{7,24}|\(?0[1-9 )][ ()\d/.-]{6,24}|00[1-9][ ()\d/.-]{6,24}"
        rb"|(?!20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\Z)[2-9]\d{9,14}"
        rb"|9011[1-9]\d{10,13}|1[2-9]\d\d[2-9]\d{6})\Z"
    ),
    Needs.POSTCODE: Pattern(
        rb"(?:(?:[A-Z]{1,3}[- ]?)?\d{4,6}|\d{2,5}(?:[- +]|%20)\d{2,4}|\d{4}(?:[ +]|%20)?[A-Z]{2}"
        rb"|[A-Z]\d{4}[A-Z]{3}"
        rb"|[A-Z]{1,2}\d[A-Z\d]?(?:[ +]|%20)?\d[A-Z]{1,2}\d?"
        rb"|[A-Z]\d[\dW](?:[ +]|%20)?[A-Z\d]{4})(?=\Z|,| [A-Z])"
    ),
    Needs.STREET: Pattern(
        rb"\d{1,5}[A-Za-z]?,?"
        + _BLANK
        + rb"(?:(?:bis|ter|quater)"
        + _BLANK
        + rb")?(?:"
        + _STREET_WORD
        + rb")?"
        + _CAPITAL
        + rb"(?:[a-z.\x80-\xff]|"
        + _ESCAPED
        + rb")"
        rb"|(?:" + _STREET_WORD + rb")?" + _CAPITAL + rb"(?:[a-z./\x80-\xff]|" + _ESCAPED + rb"){1,40}"
        rb"(?:(?:"
        + _BLANK
        + rb"|-)(?:[A-Za-z\x80-\xff.'-]|"
        + _QUOTE
        + rb"|"
        + _ESCAPED
        + rb"){1,40}|"
        + _BLANK
        + rb"\d{1,2}\.){0,5}"
        rb"(?:,|%2C)?" + _BLANK + rb"(?:[Nn][or][.:] ?)?\d{1,5}[a-z]?(?!\d|[.:]\d)"
    ),
    Needs.NAME: Pattern(rb"(?:" + _WORDS + rb"|(?:\+|%2[bB])?\(?\d(?:[\d ()./-]|%2[089bBfFdD]){2,40})\Z"),
    Needs.WORDS: Pattern(rb"(?:" + _WORDS + rb")\Z"),
    Needs.FULL: Pattern(FULL_NAME.pattern + rb"(?:, " + FULL_NAME.pattern + rb"){0,7}\Z"),
}
"""What a value must be, by what its key needs; matched from the value's first byte on."""
