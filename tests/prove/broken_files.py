"""One file of ours is damaged: what is made of it has no value and says so; all else goes on, and `fugong lint` or the build names the file."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from fugong.briefing import document
from fugong.briefing.render import markdown
from fugong.configuration.lint import lint
from fugong.core.settings import PROJECT, Settings
from fugong.figures.definition import Definition, load_definitions, read_definitions
from fugong.figures.figure import figures
from fugong.figures.sound import all_terms
from fugong.figures.term import FigureSum, MartCells, Term
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.marts.sql_files import load_sql_files
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address, connect
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.prove.proof import Proof, Try

AS_OF = date(2020, 3, 18)
FOLDERS = ("sql/facts", "sql/marts", "sql/checks", "sql/questions", "briefing/figures", "briefing/front", "briefing/annex")
Damage = Callable[[bytes, Random], bytes | None]


def _without_a_line(text: bytes, random: Random) -> bytes:
    lines = text.splitlines(keepends=True)
    del lines[random.randrange(len(lines))]
    return b"".join(lines)


def _without_a_mark(text: bytes, random: Random) -> bytes:
    at = random.choice([at for at, one in enumerate(text) if one in b":,{}[]()-'\"|"])
    return text[:at] + text[at + 1 :]


def _a_word_mistyped(text: bytes, random: Random) -> bytes:
    starts = [at for at in range(1, len(text) - 1) if text[at : at + 1].isalpha() and text[at + 1 : at + 2].isalpha()]
    at = random.choice(starts)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


DAMAGES: dict[str, Damage] = {
    "cut at a byte": lambda text, random: text[: random.randrange(len(text))],
    "cut at a line": lambda text, random: b"".join(text.splitlines(keepends=True)[: random.randrange(text.count(b"\n"))]),
    "empty": lambda _, __: b"",
    "gone": lambda _, __: None,
    "a line is missing": _without_a_line,
    "a mark is missing": _without_a_mark,
    "a word is mistyped": _a_word_mistyped,
    "in GB 18030": lambda text, _: text.decode().encode("gb18030"),
    "another document": lambda _, __: b"name: value\n",
    "a tab": lambda text, _: text.replace(b"  ", b"\t", 1),
}


@contextmanager
def open_sample(seed: int) -> Iterator[Try]:
    """The sample district, once; each case damages one file of a copy of its configuration, and mends it again."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home, district = Path(folder) / "home", Path(folder) / "district"
        Path(folder).chmod(0o755)  # the server may run under another account
        shutil.copytree(PROJECT / "include", district / "include", ignore=shutil.ignore_patterns("samples", "__pycache__"))
        shutil.copytree(PROJECT / "expectations", district / "expectations")
        settings = Settings(home, district, None)
        try:
            setup.init(settings)
            write_district(settings.inbox)
            ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
            build_marts(settings)
            inbox = Inbox(Settings(home, district, address(settings)), IntakeContext.load(settings, reader))

            def try_case(case: int) -> dict[str, Any]:
                random = Random(seed * 10**6 + case)
                folder = district / "include" / random.choice(FOLDERS)
                file = random.choice([*sorted(folder.glob("*.sql")), *sorted(folder.glob("*.yaml"))])
                kind = random.choice([*DAMAGES])
                return _damaged(inbox, file, kind, random, case)

            yield try_case
        finally:
            if embedded.exists(home):
                embedded.remove(home)


def _damaged(inbox: Inbox, file: Path, kind: str, random: Random, case: int) -> dict[str, Any]:
    include = inbox.settings.include
    said = f"{file.relative_to(include)}, {kind}"
    definitions = load_definitions(include)
    touched = _made_of(file, include, definitions)
    good = file.read_bytes()
    changed = DAMAGES[kind](good, random)
    try:
        if changed is None:
            file.unlink()
        else:
            file.write_bytes(changed)
        rows = [tax_row(number, day="2020-03-10") for number in range(110, 118 + case % 9)]
        outcome = inbox.send("TAX", f"20200310_R04_TAX_V{case + 2} 确认.csv", as_csv(TAX_HEADER, rows))
        assert outcome.state == "accepted", f"{said}: the file of a department ends as {outcome.state}"
        built = build_marts(inbox.settings)
        with connect(inbox.settings) as connection:
            left = {name for (name,) in connection.execute("SELECT DISTINCT table_name FROM intake.stale_day").fetchall()}
            assert left <= built.faulty.keys(), f"{said}: {left - built.faulty.keys()} is left to be built"
            found = {one.id: one for one in figures(connection, include, AS_OF)}
            text = markdown.write(document.compose(connection, include, AS_OF)).decode()
        is_seen = bool(lint(inbox.settings, tries_rules=False))
    finally:
        file.write_bytes(good)
    broken = {one.id for one in found.values() if one.is_broken}
    assert broken <= touched, f"{said}: {sorted(broken - touched)} have no value, and are not made of it"
    assert not broken or "配置有误" in text, f"{said}: the briefing does not say that figures have no value"
    needs_init = any("run `fugong init`" in str(fault) or "is gone" in str(fault) for fault in built.faulty.values())
    assert is_seen or needs_init or not built.faulty, f"{said}: lint is silent about {[*map(str, built.faulty.values())]}"
    again = build_marts(inbox.settings)
    assert not again.faulty, f"{said}: mended, and still {[*again.faulty]}"
    with connect(inbox.settings) as connection:
        whole = {one.id: one for one in figures(connection, include, AS_OF)}
        assert connection.execute("SELECT COUNT(*) FROM intake.stale_day").fetchone() == (0,), f"{said}: days stay stale"
    assert not any(one.is_broken for one in whole.values())
    wrong = [name for name, one in whole.items() if name not in touched and found[name].value != one.value]
    assert not wrong, f"{said}: {wrong} have other values meanwhile"
    return {"kind": kind, "broken": len(broken), "left_out": len(built.faulty), "is_seen": is_seen or needs_init}


def _made_of(file: Path, include: Path, definitions: dict[str, Definition]) -> set[str]:
    """The figures that are made of what a file writes or defines."""
    if file.parent.name == "figures":
        own = {one.id for one in read_definitions(file)}
        return {name for name, one in definitions.items() if name in own or own & _figures_in(one, definitions)}
    files = load_sql_files(include / "sql")
    relation = f"{file.parent.name.removesuffix('s')}.{file.stem}"
    marts = {one.name for one in files.marts if relation == one.relation or relation in files.read_by(one)}
    own = {
        name for name, one in definitions.items() if marts & {term.mart for term in _terms(one) if isinstance(term, MartCells)}
    }
    return {name for name, one in definitions.items() if name in own or own & _figures_in(one, definitions)}


def _terms(definition: Definition) -> list[Term]:
    return [term for _, term in all_terms(definition)]


def _figures_in(definition: Definition, definitions: dict[str, Definition]) -> set[str]:
    """The figures that one is made of, directly or through others."""
    found: set[str] = set()
    for term in _terms(definition):
        for _, name in term.signed if isinstance(term, FigureSum) else ():
            found |= {name} | _figures_in(definitions[name], definitions)
    return found


def summary(found: Sequence[dict[str, Any]]) -> str:
    """Counts over all cases."""
    kinds = Counter(one["kind"] for one in found)
    return (
        f"{len(kinds)} kinds of damage; {sum(one['broken'] > 0 for one in found)} left figures without a value "
        f"({sum(one['broken'] for one in found)} in all), {sum(one['left_out'] > 0 for one in found)} left something out of the build"
    )


PROOF = Proof(
    name="broken_files",
    claim="One damaged SQL file, figure or table stops neither a receipt, nor other marts and figures, nor the briefing; mended, all is as before",
    claim_zh="一个 SQL 文件、指标或表格损坏,不影响回执、其他汇总和指标,也不影响简报;改好后一切如初",
    n_cases=60,
    open=open_sample,
    summary=summary,
)
