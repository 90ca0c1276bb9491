from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.settings import read_toml

TEXT = '''\
# a comment with = and [brackets]
[agent]
data = "/var/lib/caseferry" # why = not
note = """
[not.a.table]
key = 1
"""

[portal]
url = "https://portal.example"
hosts = [
  "a", # ] in a comment
  "b]",
]

[[rule]]
name = 'one'
folders = ["/logs/#sip"]

[[rule]]
name = "two"
[rule.sftp]
host = "s"
"quoted.key" = 1
a.b = 2
'''


def document(tmp_path: Path, text: str = TEXT):
    path = tmp_path / "agent.toml"
    path.write_bytes(text.encode())
    return read_toml(path)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("agent",), 2),
        (("agent", "data"), 3),
        (("agent", "note"), 4),
        (("portal", "url"), 10),
        (("portal", "hosts"), 11),
        (("portal", "hosts", 1), 11),
        (("rule", 0, "name"), 17),
        (("rule", 0, "folders"), 18),
        (("rule", 1, "name"), 21),
        (("rule", 1, "sftp", "host"), 23),
        (("rule", 1, "sftp", "quoted.key"), 24),
        (("rule", 1, "sftp", "a", "b"), 25),
        (("rule", 1, "missing"), 20),
        (("nothing",), None),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_key_knows_its_line(tmp_path, key, line, ending):
    assert document(tmp_path, TEXT.replace("\n", ending)).line_of(*key) == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = \n", "agent.toml, line 2"),
        ("a = 1\na = 2\n", "agent.toml, line 2"),
        ("a = [1,\n2", "agent.toml, line 2"),
    ],
)
def test_a_slip_in_the_syntax_names_file_and_line(tmp_path, text, said):
    with pytest.raises(InputError) as raised:
        document(tmp_path, text)
    assert said in raised.value.happened


def test_text_that_is_not_utf8_names_the_line(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(InputError, match="line 2: the text is not UTF-8"):
        read_toml(path)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_toml(tmp_path / "none.toml")


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    data: str
    rule: list[Rule] = field(default_factory=list)
    one: Rule | None = None


def test_a_document_becomes_a_dataclass(tmp_path):
    settings = document(tmp_path, 'data = "d"\n[[rule]]\nname = "r"\n').load(Settings)
    assert settings == Settings(data="d", rule=[Rule(name="r")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('data = "d"\n[[rule]]\nname = 3\n', "line 3, field rule[0].name: Expected `str`, got `int`"),
        (
            'data = "d"\n[[rule]]\nname = "r"\n[[rule]]\ncase = "1"\n',
            "line 4, field rule[1].name: it is missing",
        ),
        (
            'data = "d"\n[[rule]]\nname = "r"\ncsae = "1"\n',
            "line 4, field rule[0].csae: there is no such field",
        ),
        ('data = "d"\n[one]\nname = "r"\nnmae = "1"\n', "line 4, field one.nmae: there is no such field"),
        ("[[rule]]\nname = 'r'\n", "agent.toml, field data: it is missing"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(InputError) as raised:
        document(tmp_path, text).load(Settings)
    assert said in raised.value.happened


def test_an_unknown_field_proposes_the_near_one(tmp_path):
    with pytest.raises(InputError, match="Did you mean name"):
        document(tmp_path, 'data = "d"\n[one]\nname = "r"\nnmae = "1"\n').load(Settings)
