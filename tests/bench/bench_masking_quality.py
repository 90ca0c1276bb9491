"""How much the masking engine finds and how much it spoils, on made-up logs it has never seen.

Two sets of the same formats are made from word lists that share nothing: rules may be tuned with *dev*; of
*held-out* only the figures are printed. A value is found when each of its letters and digits was replaced,
and changed when any character of it was.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import masking
from tests.bench.quality.corpus import corpus
from tests.bench.quality.page import About, Group
from tests.bench.quality.scoring import Example, Tally, score
from tests.bench.quality.words_dev import DEV
from tests.bench.quality.words_heldout import HELD_OUT

RECALL, CHANGED = 99.5, 0.1
"""Per cent: of structured and of keyed values found at least, and of what must stay changed at most."""

KEY = masking.PseudonymKey(bytes(range(32)))
KNOWN = (Group.STRUCTURED, Group.KEYED)

Row = tuple[str, tuple[Group, ...], str]
"""What is shown, its groups, its kind (empty: all)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Make, mask, print; 1 when a figure that is asked for is not reached."""
    parser = argparse.ArgumentParser(prog="bench masking-quality", description=__doc__)
    parser.add_argument("--engine", choices=("product", "reference"), default="product")
    parser.add_argument("--quick", action="store_true", help="small sets; shares are rough")
    parser.add_argument("--seed", type=int, default=11, help="of both sets (default 11)")
    parser.add_argument(
        "--misses", type=int, default=0, metavar="N", help="N examples of each fault of the dev set"
    )
    parser.add_argument(
        "--classes", type=Path, metavar="FILE", help="write every class of faults of the dev set"
    )
    options = parser.parse_args(argv)
    console = Console()
    files, blocks = (1, 15) if options.quick else (4, 60)
    engine = _engine(options.engine)
    tallies = []
    for words in (DEV, HELD_OUT):
        started = time.process_time()
        tally = score(engine, corpus(words, seed=options.seed, files=files, blocks=blocks))
        tallies.append(tally)
        console.print(
            f"[dim]{words.name}: {tally.size / 1e6:.1f} MB made and masked in "
            f"{time.process_time() - started:.0f} s of CPU[/]"
        )
    dev, held_out = tallies
    console.print(_personal(f"Found: {engine.name}, {engine.rule_set}", dev, held_out))
    console.print(_staying("Changed although it must stay", dev, held_out))
    holds = _print_asked(console, {"dev": dev, "held-out": held_out})
    if options.misses:
        _print_examples(console, dev, options.misses)
    if options.classes:
        options.classes.write_text("\n".join(classes(dev)) + "\n", encoding="utf-8")
    return 0 if holds else 1


def _engine(wanted: str) -> masking.Engine:
    """The product's engine where it is built in, else the reference engine."""
    rules = masking.load_rules()
    opener: Callable[..., masking.Engine] | None = getattr(masking, "open_engine", None)
    if wanted == "product" and opener is not None:
        return opener(rules, KEY)
    return masking.reference_engine(rules, KEY)


def _personal(title: str, *tallies: Tally) -> Table:
    table = _table(title, ("values", "found", "recall %"))
    rows: list[Row] = [(kind, KNOWN, kind) for kind in tallies[0].kinds(*KNOWN)]
    rows += [(f"{group}, all", (group,), "") for group in KNOWN]
    rows += [(f"learned: {kind}", (Group.LEARNED,), kind) for kind in tallies[0].kinds(Group.LEARNED)]
    for at, (shown, groups, kind) in enumerate(rows):
        cells: list[str | Text] = []
        for tally in tallies:
            places, wrong = tally.of(*groups, kind=kind)
            share = 100 * (places - wrong) / max(1, places)
            cells += (str(places), str(places - wrong), _judged(share, good=share >= RECALL))
        table.add_row(shown, *cells, end_section=at + 1 in _borders(rows))
    return table


def _staying(title: str, *tallies: Tally) -> Table:
    table = _table(title, ("values", "changed", "changed %"))
    rows = [(kind, (Group.STAY,), kind) for kind in tallies[0].kinds(Group.STAY)]
    rows += [("must stay, all", (Group.STAY,), ""), ("words around them", (Group.WORDING,), "")]
    for at, (shown, groups, kind) in enumerate(rows):
        cells: list[str | Text] = []
        for tally in tallies:
            places, wrong = tally.of(*groups, kind=kind)
            share = 100 * wrong / max(1, places)
            cells += (str(places), str(wrong), _judged(share, good=share <= CHANGED))
        table.add_row(shown, *cells, end_section=at == len(rows) - 3)
    return table


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title)
    table.add_column("kind")
    for name in ("dev", "held-out"):
        for column in columns:
            table.add_column(f"{name}\n{column}", justify="right")
    return table


def _borders(rows: list[Row]) -> set[int]:
    groups = [(kind == "", groups) for _, groups, kind in rows]
    return {at for at in range(1, len(groups)) if groups[at][0] != groups[at - 1][0]}


def _judged(share: float, *, good: bool) -> Text:
    return Text(f"{share:.2f}", style="" if good else "bold red")


def _print_asked(console: Console, tallies: dict[str, Tally]) -> bool:
    """The figures that are asked for, over all kinds; whether all are reached."""
    table = Table(title="Asked")
    for title in ("set", "measure", "figure", "asked", ""):
        table.add_column(title)
    holds = True
    for name, tally in tallies.items():
        for group in KNOWN:
            places, wrong = tally.of(group)
            share = 100 * (places - wrong) / max(1, places)
            holds &= _asked_row(
                table, name, f"recall of {group} values", share, f">= {RECALL} %", share >= RECALL
            )
        places, wrong = tally.of(Group.STAY)
        share = 100 * wrong / max(1, places)
        holds &= _asked_row(table, name, "must stay, but changed", share, f"<= {CHANGED} %", share <= CHANGED)
    console.print(table)
    return holds


def _asked_row(table: Table, name: str, measure: str, share: float, asked: str, good: bool) -> bool:
    table.add_row(name, measure, f"{share:.2f} %", asked, "holds" if good else "[bold red]does not hold[/]")
    return good


def _print_examples(console: Console, tally: Tally, count: int) -> None:
    for title, groups in (("Missed", (*KNOWN, Group.LEARNED)), ("Changed", (Group.STAY, Group.WORDING))):
        worst = sorted(_faults(tally, groups), key=lambda pair: -pair[1])[:count]
        for about, wrong in worst:
            console.print(Text(f"{title} {wrong} of {tally.places[about]}: {_class_of(about)}", style="bold"))
            console.print(Text(_shown(tally.examples[about])))


def _faults(tally: Tally, groups: tuple[Group, ...]) -> Iterator[tuple[About, int]]:
    return ((about, wrong) for about, wrong in tally.wrong.items() if about.group in groups)


FAULTS = (
    ("MISSED", KNOWN),
    ("MISSED, LEARNED", (Group.LEARNED,)),
    ("CHANGED", (Group.STAY,)),
    ("CHANGED, WORDS AROUND", (Group.WORDING,)),
)


def classes(tally: Tally) -> Iterator[str]:
    """Every class of faults with its share: by notation, by key, and each with one example."""
    for title, groups in FAULTS:
        faults = dict(_faults(tally, groups))
        yield f"======== {title}: {sum(faults.values())} of {tally.of(*groups)[0]}"
        yield from _shares(tally, groups, "by format, kind and notation", _notation_of)
        if any(about.key for about in faults):
            yield from _shares(tally, groups, "by key, in any spelling", _key_of)
        yield "---- each, with an example"
        for about, wrong in sorted(faults.items(), key=lambda pair: (_notation_of(pair[0]), -pair[1])):
            yield f"{wrong:5} of {tally.places[about]:5}  {_class_of(about)}"
            yield "    " + _shown(tally.examples[about]).replace("\n", "\n    ")
    yield "---- words around, by word"
    yield from (f"{wrong:5}  {form}: {word}" for (form, word), wrong in tally.spoiled.most_common(80))


def _shares(
    tally: Tally, groups: tuple[Group, ...], title: str, name: Callable[[About], str]
) -> Iterator[str]:
    places, wrong = Counter[str](), Counter[str]()
    for about, count in tally.places.items():
        if about.group in groups:
            places[name(about)] += count
            wrong[name(about)] += tally.wrong[about]
    yield f"---- {title}"
    for shown, count in wrong.most_common():
        if count:
            yield f"{count:5} of {places[shown]:5}  {shown}"


def _notation_of(about: About) -> str:
    return " | ".join((about.format, about.kind, about.notation or "-"))


def _key_of(about: About) -> str:
    plain = "".join(sign for sign in about.key.lower() if sign.isalnum())
    return f"{about.kind} | {plain or '-'}"


def _class_of(about: About) -> str:
    return f"{_notation_of(about)} | {about.key or '-'}"


def _shown(example: Example) -> str:
    return f"value  {example.value}\nbefore {example.before[:600]}\nafter  {example.after[:600]}"


if __name__ == "__main__":
    sys.exit(main())
