"""The report of a masking run as one page for people: HTML without scripts and without outside references.

Everything that comes from a file's name, a rule or an error is escaped; the page holds no personal value, as
the report holds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from app.masking.face import FileReport
from app.masking.report import Report, found

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5a6676; --line: #d6dce4; --page: #f6f8fa;
  --card: #ffffff; --good: #1a7f4b; --warn: #9a5b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #343c48;
  --page: #14181d; --card: #1d2229; --good: #5fcf98; --warn: #f0b35e; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 62rem; margin: 0 auto; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.good { color: var(--good); } .warn { color: var(--warn); }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td { overflow-wrap: anywhere; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
summary { cursor: pointer; padding: .6rem .8rem; overflow-wrap: anywhere; }
details > div { padding: 0 .8rem .8rem; } details table { margin: .5rem 0; }
code { font: 13px/1.4 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
@media print { body { background: none; padding: 0; } details > div { display: block; } }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_KINDS = {
    "TEL": "telephone numbers",
    "NAME": "names of persons",
    "MAIL": "mail addresses",
    "CARD": "payment cards",
    "IBAN": "bank accounts",
    "IP": "IP addresses",
    "MAC": "hardware addresses",
    "HOST": "host names",
    "DTMF": "typed digits",
    "USER": "user names",
    "SECRET": "secrets",
    "ID": "identity numbers",
    "ADDRESS": "postal addresses",
    "BIRTH": "dates of birth",
    "GEO": "places",
    "KEYED": "values of personal keys",
    "CUSTOM": "your own rules",
}


def report_page(report: Report) -> str:
    """The page, ending in a line feed. The same report gives the same text."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # nothing may be fetched or run, whatever a file's name tried
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Masking report</title><style>{_STYLE}</style></head><body><main>",
        *_head(report),
        *_kinds(report),
        *_rules(report),
        "<h2>Files</h2>",
        *_files(report),
        *_refused(report),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report) -> list[str]:
    replaced = sum(report.counts.values())
    parts = [
        "<h1>Masking report</h1>",
        (
            f"<p>{_files_said(len(report.files))} masked, <strong>{_grouped(replaced)}</strong> values"
            f" replaced, {_files_said(len(report.left_here))} left here.</p>"
        ),
        f"<p>{_residual(report)}</p>",
    ]
    if report.fall_back:
        parts.append(
            '<p class="warn">The fast engine did not run on this machine; the reference engine masked.'
            " The result is the same, it takes longer.</p>"
        )
    rows = [
        ("Engine", _plain(report.engine)),
        ("Rules", _plain(report.rule_set)),
        ("Digest of the rules (SHA-256)", f"<code>{_plain(report.rule_set_sha256)}</code>"),
        ("Profile", _plain(report.profile) or "–"),
        ("Key", f"<code>{_plain(report.key_id)}</code>"),
        ("Values learned", _together(report)),
        ("Lens", _lens(report)),
    ]
    return [*parts, _facts(rows)]


def _residual(report: Report) -> str:
    checked = [file for file in report.files if file.report.residual_read is not None]
    if not checked:
        return '<span class="warn">The copies were not checked after masking.</span>'
    canaries = max(file.report.canaries for file in checked)
    known = (
        f" {_grouped(canaries)} known values of the site were looked for in all of it." if canaries else ""
    )
    return (
        f'<span class="good">The check after masking read'
        f" {_share(report.residual_read, report.masked_size)} of what was masked"
        f" with other code, and found nothing.</span>{known}"
    )


def _together(report: Report) -> str:
    told = report.together
    if told is None:
        return "of each file by itself"
    return (
        f"{_grouped(told.learned)}, looked for in all of {_files_said(told.files)}{_past(told.not_learned)}"
    )


def _lens(report: Report) -> str:
    if report.lens is None:
        return "none; tokens cannot be turned back"
    full = f"; {_grouped(report.lens_full)} had no room" if report.lens_full else ""
    return f"{_grouped(report.lens)} new values kept here, for the holder of the key{full}"


def _kinds(report: Report) -> list[str]:
    replaced, kept = report.counts, report.kept
    rows = [
        [
            _plain(kind),
            _KINDS.get(kind, ""),
            _grouped(replaced.get(kind, 0) + kept.get(kind, 0)),
            _grouped(replaced.get(kind, 0)),
            _grouped(kept.get(kind, 0)),
        ]
        for kind in sorted({*replaced, *kept})
    ]
    return ["<h2>Kinds of value</h2>", _table(["Kind", "", "#Found", "#Replaced", "#Kept by policy"], rows)]


def _rules(report: Report) -> list[str]:
    ordered = sorted(report.rules.items(), key=lambda item: (-item[1], item[0]))
    rows = [[f"<code>{_plain(rule)}</code>", _grouped(count)] for rule, count in ordered]
    return ["<h2>Rules</h2>", _table(["Rule", "#Values"], rows)]


def _files(report: Report) -> Iterable[str]:
    if not report.files:
        yield '<p class="soft">None.</p>'
    learned = "Values learned from their keys" if report.together is None else "Values learned here first"
    for file in report.files:
        made = file.report
        read = made.residual_read
        facts = [
            ("Lines", _grouped(made.lines)),
            ("Size before and after", f"{_grouped(made.raw_size)} and {_grouped(made.masked_size)} bytes"),
            ("Encoding", _plain(made.encoding)),
            ("Bytes not understood", _grouped(made.undecodable)),
            (learned, _grouped(made.learned) + _past(made.not_learned)),
            ("Check after masking", "not done" if read is None else _checked(read, made.text_size)),
            ("SHA-256 of the masked copy", f"<code>{_plain(made.masked_sha256)}</code>"),
        ]
        yield (
            f"<details><summary><strong>{_plain(file.name)}</strong>"
            f' <span class="soft">{_grouped(made.lines)} lines, {_grouped(sum(made.counts.values()))} values'
            f" replaced</span></summary><div>{_facts(facts)}{_per_kind(made.counts, found(made))}"
            f"{_per_rule(made.rules)}{_members(made)}"
            "</div></details>"
        )


def _members(made: FileReport) -> str:
    """What is in an archive, file by file; what is not in it stands under what was left here."""
    if not made.packing:
        return ""
    rows = [
        [
            _plain(member.name),
            _plain(member.report.encoding),
            _grouped(member.report.lines),
            _grouped(sum(found(member.report).values())),
            _grouped(sum(member.report.counts.values())),
        ]
        for member in made.members
    ]
    return _table([f"In this {_plain(made.packing)} file", "Encoding", "#Lines", "#Found", "#Replaced"], rows)


def _per_kind(replaced: Mapping[str, int], all_found: Mapping[str, int]) -> str:
    rows = [
        [_plain(kind), _grouped(count), _grouped(replaced.get(kind, 0))]
        for kind, count in sorted(all_found.items())
    ]
    return _table(["Kind", "#Found", "#Replaced"], rows)


def _per_rule(rules: Mapping[str, int]) -> str:
    return _table(
        ["Rule", "#Values"], [[_plain(rule), _grouped(count)] for rule, count in sorted(rules.items())]
    )


def _refused(report: Report) -> list[str]:
    if not report.left_here:
        return ["<h2>Left here</h2>", '<p class="soft">Nothing: every file was masked.</p>']
    rows = [[_plain(each.name), _plain(each.code), _plain(each.words)] for each in report.left_here]
    return ["<h2>Left here</h2>", _table(["File", "Code", "Reason"], rows)]


def _past(count: int) -> str:
    return f"; {_grouped(count)} past the bound, looked for in their own file at most" if count else ""


def _checked(read: int, size: int) -> str:
    return f"nothing found; {_share(read, size)} was read"


def _share(read: int, size: int) -> str:
    if read >= size:
        return "all"
    return f"{100 * read / size:.1f} % (a sample of {_grouped(read)} bytes)"


def _files_said(count: int) -> str:
    return f"{_grouped(count)} file{'' if count == 1 else 's'}"


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A heading that begins with ``#`` is a column of numbers."""
    if not rows:
        return '<p class="soft">None.</p>'
    numbers = [heading.startswith("#") for heading in headings]
    marks = [' class="n"' if number else "" for number in numbers]
    head = "".join(
        f"<th{mark}>{heading.lstrip('#')}</th>" for mark, heading in zip(marks, headings, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{mark}>{cell}</td>" for mark, cell in zip(marks, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _plain(text: str) -> str:
    readable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return escape(readable.encode("utf-8", "backslashreplace").decode())
