"""The comment head of a SQL file, parsed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.paths import listed, where
from fugong.marts.model import Annex, Cell, Check, Contribution, Fact, Mart, Parameter, Question, Sum
from fugong.marts.parameters import TOKEN

FACT_WORDS = ("view", "grain", "reads", "exempt", "column")


DAILY_WORDS = ("keys", "stale", "before", "reach", "reads", "column")


MART_WORDS = ("writes", "grain", *DAILY_WORDS, "keeps", "serves", "sums", "key", "cell", "rounded", "closed", "open")


CHECK_WORDS = ("check", "severity", *DAILY_WORDS, "touches", "says")


ANNEX_WORDS = ("annex", "reads", "draft", "column")


QUESTION_WORDS = ("question", "asks", "role", "param", "before", "reads", "column")


STALE = ("as_of", "business_date", "period")


SEVERITIES = ("error", "warning", "review")


CONTINUED = re.compile(r"^--\s{6,}(\S.*)$")


WORD = re.compile(r"^-- ?([a-z_]+)(\s+)(\S.*)$")


NAME = re.compile(r"^[a-z][a-z0-9_]*$")


RELATION = re.compile(r"^(fact|mart|asof|report|ref|intake|audit|open)\.[a-z][a-z0-9_]*$")


def read_fact(file: Path) -> Fact:
    """Read one file of `facts/`."""
    head, body = _split(file, FACT_WORDS)
    columns = _columns(file, head)
    exempt = _names(" ".join(head.get("exempt", [])))
    if exempt and (len(exempt) != 2 or not columns.keys() >= set(exempt)):
        raise ConfigurationError(f"{where(file)}: `exempt` should be two columns, <is left out>, <who>, found {listed(exempt)}")
    return Fact(
        file=file,
        name=_own_name(file, head, "view", "fact"),
        reads=_reads(file, head),
        columns=columns,
        body=body,
        grain=_one(file, head, "grain"),
        exempt=(exempt[0], exempt[1]) if exempt else None,
    )


def read_mart(file: Path) -> Mart:
    """Read one file of `marts/`."""
    head, body = _split(file, MART_WORDS)
    keys, stale, before, reach = _days(file, head)
    keeps = head.get("keeps", [])
    if keeps not in ([], ["newest"]) or (keeps and stale != "as_of"):
        raise ConfigurationError(f"{where(file)}: `keeps` should be newest, for an as_of mart, found {listed(keeps)}")
    key_of_row: dict[str, str] = {}
    for text in head.get("key", []):
        name, sign, expression = (part.strip() for part in text.partition("="))
        if not sign or name not in keys:
            raise ConfigurationError(
                f"{where(file)}: `key` should read <one of {', '.join(keys)}> = <expression>, found {text!r}"
            )
        key_of_row[name] = expression
    sums = [_sum(file, text) for text in head.get("sums", [])]
    columns = _columns(file, head)
    cells = [_cell(file, text) for text in head.get("cell", [])]
    if [cell for cell in cells if not cell.columns] != cells[:1]:
        raise ConfigurationError(
            f"{where(file)}: the first `cell` counts the firms behind the whole row, every other one names its columns"
        )
    rounded = _names(" ".join(head.get("rounded", [])))
    closed = _names(" ".join(head.get("closed", [])))
    open_keys, _, open_sums = " ".join(head.get("open", [])).partition(":")
    named = [name for cell in cells for name in (*cell.count, *cell.columns, *([cell.largest] if cell.largest else []))]
    named += [*keys, *(total.column for total in sums), *rounded, *closed, *_names(open_keys), *_names(open_sums)]
    for name in named:
        if name not in columns:
            raise ConfigurationError(f"{where(file)}: {name!r} has no `column` line. There is: {', '.join(columns)}")
    mart = Mart(
        file=file,
        name=_own_name(file, head, "writes", "mart"),
        reads=_reads(file, head),
        columns=columns,
        body=body,
        grain=_one(file, head, "grain"),
        keys=keys,
        stale=stale,
        before=before,
        reach=reach,
        is_newest_only=bool(keeps),
        serves=" ".join(head.get("serves", [])),
        sums={total.column: total for total in sums},
        key_of_row=key_of_row,
        cells=tuple(cells),
        rounded=tuple(rounded),
        closed=tuple({**dict.fromkeys(closed), **{cell.largest: None for cell in cells if cell.largest}}),
        open_keys=tuple(_names(open_keys)),
        open_sums=tuple(_names(open_sums)),
    )
    if mart.open_keys and not (mart.is_of_firms and mart.open_sums):
        raise ConfigurationError(
            f"{where(file)}: `open` should read <keys>: <columns to sum>, in a mart whose keys tell firms apart"
        )
    return mart


def read_check(file: Path) -> Check:
    """Read one file of `checks/`."""
    head, body = _split(file, CHECK_WORDS)
    severity = _one(file, head, "severity")
    if severity not in SEVERITIES:
        raise ConfigurationError(f"{where(file)}: `severity` should be one of {', '.join(SEVERITIES)}, found {severity!r}")
    keys, stale, before, reach = _days(file, head)
    columns = _columns(file, head)
    for name in keys:
        if name not in columns:
            raise ConfigurationError(f"{where(file)}: {name!r} has no `column` line. There is: {', '.join(columns)}")
    return Check(
        file=file,
        name=_one(file, head, "check").split()[0],
        reads=_reads(file, head),
        columns=columns,
        body=body,
        keys=keys,
        stale=stale,
        before=before,
        reach=reach,
        is_newest_only=False,
        severity=severity,
        touches=tuple(_names(" ".join(head.get("touches", [])))),
        says=_comment(file, _one(file, head, "says")),
    )


def read_annex(file: Path) -> Annex:
    """Read one file of `briefing/annex/`."""
    head, body = _split(file, ANNEX_WORDS)
    return Annex(
        file=file,
        name=file.stem,
        reads=_reads(file, head),
        columns=_columns(file, head),
        body=body,
        title=_comment(file, _one(file, head, "annex")),
        draft=_comment(file, _one(file, head, "draft")) if "draft" in head else None,
    )


def read_question(file: Path) -> Question:
    """Read one file of `questions/`."""
    head, body = _split(file, QUESTION_WORDS)
    number = _one(file, head, "question")
    if not re.fullmatch(rf"0*{number}_[a-z0-9_]+", file.stem):
        raise ConfigurationError(f"{where(file)}: `question` should be the number that the file is named by, found {number!r}")
    params: dict[str, Parameter] = {}
    for text in head.get("param", []):
        found = re.fullmatch(r"([a-z][a-z0-9_]*)(?:\s*=\s*(\S+))?\s+(\S.*\|.*)", text)
        if not found:
            raise ConfigurationError(f"{where(file)}: `param` should read <name>[ = <default>]  中文 | English, found {text!r}")
        params[found[1]] = Parameter(found[2], _comment(file, found[3]))
    return Question(
        file=file,
        name=file.stem,
        reads=_reads(file, head),
        columns=_columns(file, head),
        body=body,
        number=int(number),
        asks=_comment(file, _one(file, head, "asks")),
        role=_one(file, head, "role"),
        before=int(head.get("before", ["0"])[0]),
        params=params,
    )


def _split(file: Path, words: Sequence[str]) -> tuple[dict[str, list[str]], str]:
    head: dict[str, list[str]] = {}
    last: list[str] | None = None
    lines = file.read_text(encoding="utf-8").splitlines()
    rest = len(lines)
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            rest = number
            break
        if found := WORD.match(line):
            word, gap, text = found.groups()
            if word in words:
                last = head.setdefault(word, [])
                last.append(text.strip())
                continue
            if len(gap) > 1:
                raise ConfigurationError(f"{where(file)}:{number + 1}: no head word {word!r}. There is: {', '.join(words)}")
            last = None
        elif last and (found := CONTINUED.match(line)):
            last[-1] += " " + found[1].strip()
        else:
            last = None
    body = "\n".join(lines[rest:]).strip().removesuffix(";").rstrip()
    if not re.match(r"(?is)^(?:--[^\n]*\n|\s)*(with|select)\b", body):
        raise ConfigurationError(f"{where(file)}: below the head there should be one SELECT (or WITH … SELECT)")
    if any(";" in part for part in TOKEN.sub(" ", body).splitlines()):
        raise ConfigurationError(f"{where(file)}: there should be one statement, found a second one after `;`")
    return head, body


def _days(file: Path, head: Mapping[str, list[str]]) -> tuple[tuple[str, ...], str, tuple[int, ...], int | None]:
    """Keys, stale, before and reach."""
    keys = tuple(_names(_one(file, head, "keys")))
    stale = _one(file, head, "stale").split()[0]
    if stale not in STALE or stale not in keys:
        raise ConfigurationError(
            f"{where(file)}: `stale` should be one of {', '.join(STALE)} and among the keys, found {stale!r}"
        )
    days: dict[str, list[str]] = {}
    for word in ("before", "reach"):
        days[word] = _names(" ".join(head.get(word, [])))
        if not all(text.isdecimal() and int(text) for text in days[word]) or (days[word] and stale != "as_of"):
            raise ConfigurationError(
                f"{where(file)}: `{word}` should be numbers of days, for stale as_of, found {listed(days[word])}"
            )
    if len(days["reach"]) > 1:
        raise ConfigurationError(f"{where(file)}: `reach` should be one number of days, found {listed(days['reach'])}")
    return keys, stale, tuple(map(int, days["before"])), int(days["reach"][0]) if days["reach"] else None


def _own_name(file: Path, head: Mapping[str, list[str]], word: str, schema: str) -> str:
    relation = _one(file, head, word).split(",")[0].split()[0]
    if relation != f"{schema}.{file.stem}" or not NAME.match(file.stem):
        raise ConfigurationError(
            f"{where(file)}: `{word}` should be {schema}.{file.stem}, as the file is named, found {relation!r}"
        )
    return file.stem


def _one(file: Path, head: Mapping[str, list[str]], word: str) -> str:
    found = head.get(word, [])
    if len(found) != 1:
        raise ConfigurationError(f"{where(file)}: the head needs one line `-- {word}`, found {len(found)}")
    return found[0]


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def _reads(file: Path, head: Mapping[str, list[str]]) -> tuple[str, ...]:
    found = _names(" ".join(head.get("reads", [])))
    wrong = [name for name in found if not RELATION.match(name)]
    if wrong or not found:
        raise ConfigurationError(
            f"{where(file)}: `reads` should list relations such as asof.loan or fact.loan, found {listed(wrong)}"
        )
    return tuple(found)


def _columns(file: Path, head: Mapping[str, list[str]]) -> dict[str, Bilingual]:
    columns: dict[str, Bilingual] = {}
    for text in head.get("column", []):
        name, _, rest = text.partition(" ")
        if not NAME.match(name) or name in columns:
            raise ConfigurationError(
                f"{where(file)}: `column` should read <name>  中文 | English, once per column, found {text!r}"
            )
        columns[name] = _comment(file, rest)
    if not columns:
        raise ConfigurationError(f"{where(file)}: every column needs a line `-- column <name>  中文 | English`, found none")
    return columns


def _comment(file: Path, text: str) -> Bilingual:
    zh, sign, en = (part.strip() for part in text.partition("|"))
    if not (zh and sign and en):
        raise ConfigurationError(f"{where(file)}: wanted 中文 | English, found {text.strip()!r}")
    return Bilingual(zh, en)


def _cell(file: Path, text: str) -> Cell:
    behind, _, columns = text.partition(":")
    count, _, largest = behind.partition(",")
    parts = tuple(part.strip() for part in count.split(" - "))
    named = [*parts, *_names(largest)]
    if len(parts) > 2 or len(named) > len(parts) + 1 or not all(map(NAME.match, named)):
        raise ConfigurationError(
            f"{where(file)}: `cell` should read <count>[ - <count>][, <largest>][: <columns>], found {text!r}"
        )
    return Cell(parts, largest.strip() or None, tuple(_names(columns)))


def _sum(file: Path, text: str) -> Sum:
    column, sign, rest = (part.strip() for part in text.partition("="))
    found = re.match(r"^(?:(least|greatest|sum)\s+)?(.*)$", rest)
    aggregate, sources = (found[1] or "sum", found[2].split("+")) if found else ("sum", [])
    contributions: list[Contribution] = []
    for source in sources:
        parts = source.strip().split(".")
        if not sign or len(parts) != 3 or parts[0] != "fact" or not all(map(NAME.match, parts)):
            raise ConfigurationError(f"{where(file)}: `sums` should read a = fact.x.c [+ fact.y.d], found {text!r}")
        contributions.append(Contribution(f"fact.{parts[1]}", parts[2]))
    return Sum(column, aggregate, tuple(contributions))
