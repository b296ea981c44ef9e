"""SQL files: the comment head of a fact, mart or check, and its one SELECT.

The head says what the SELECT cannot: the grain, what each column means, and how a sum leads back to the rows it was made of.
`docs/architecture.md` lists the head words.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from fugong.rule import ContractFault

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
# Comments, strings and quoted names come first, so that a colon inside them is nobody's parameter.
TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(?<![:\w]):([a-z_][a-z0-9_]*)", re.DOTALL)


@dataclass(frozen=True)
class Comment:
    """What a column means, in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """As kept in the warehouse."""
        return f"{self.zh} | {self.en}"


@dataclass(frozen=True)
class Contribution:
    """A fact column that a mart column sums."""

    fact: str
    column: str


@dataclass(frozen=True)
class Sum:
    """Where a mart column comes from.

    Attributes:
        aggregate: `sum`, `least` or `greatest` of the contributions.
    """

    column: str
    aggregate: str
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Cell:
    """How many firms stand behind values of a mart.

    Attributes:
        count: a column, or one column less another: of those that a part of the firms is left out of.
        largest: the column with the largest amount that one firm has in the first value; None where no firm can stand out.
        columns: the values; none for the whole row.
    """

    count: tuple[str, ...]
    largest: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SqlFile:
    """What facts, marts and checks have in common."""

    file: Path
    name: str
    reads: tuple[str, ...]
    columns: Mapping[str, Comment]
    body: str

    @cached_property
    def bare(self) -> str:
        """The SELECT without comments and with single blanks: what makes it another SELECT."""
        return " ".join(TOKEN.sub(lambda found: " " if found[0].startswith(("--", "/*")) else found[0], self.body).split())


@dataclass(frozen=True, eq=False)
class Fact(SqlFile):
    """`fact.<name>`: a view that cleans, joins and classifies rows.

    Attributes:
        exempt: the column that says that a row takes its entity out of a denominator, and the column that names the entity.
    """

    grain: str
    exempt: tuple[str, str] | None

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"fact.{self.name}"


@dataclass(frozen=True, eq=False)
class Daily(SqlFile, ABC):
    """What is computed for days and kept: marts and checks.

    Attributes:
        keys: the columns that tell its rows apart.
        stale: the key by which days are deleted and inserted.
        before: how many days before a day the SELECT reads, too.
        reach: for how many days after a business date the SELECT reads it; None for ever. Of `as_of` files that read increments.
        is_newest_only: whether only the last day is kept.
    """

    keys: tuple[str, ...]
    stale: str
    before: tuple[int, ...]
    reach: int | None
    is_newest_only: bool

    @property
    @abstractmethod
    def relation(self) -> str:
        """Its full name."""


@dataclass(frozen=True, eq=False)
class Mart(Daily):
    """`mart.<name>`: a table that sums columns of facts.

    Attributes:
        key_of_row: for keys that a fact has no column for, the expression that a fact row yields them by.
        cells: the firms behind its values; that of the whole row first, none where there are no firms to protect.
        rounded: values that analysts see roughly.
        closed: columns that analysts do not see.
        open_keys: of a mart that tells firms apart, the keys of what analysts see instead: sums over its firms.
        open_sums: the columns summed there.
    """

    grain: str
    serves: str
    sums: Mapping[str, Sum]
    key_of_row: Mapping[str, str]
    cells: tuple[Cell, ...]
    rounded: tuple[str, ...]
    closed: tuple[str, ...]
    open_keys: tuple[str, ...]
    open_sums: tuple[str, ...]

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"mart.{self.name}"

    @property
    def is_of_firms(self) -> bool:
        """Whether its keys tell firms apart."""
        return any(key == "uscc" or key.endswith("_uscc") for key in self.keys)

    @property
    def is_open(self) -> bool:
        """Whether analysts see it. Not by firm, and not by day of business: of two days one firm's amount is the difference."""
        return bool(self.open_keys) if self.is_of_firms else self.stale != "business_date"


@dataclass(frozen=True, eq=False)
class Check(Daily):
    """A rule of agreement between reports: its SELECT yields the rows that break it.

    Attributes:
        severity: `error`, `warning` or `review`.
        touches: ids of the figures that it is shown beside; or `report`, a column of names of report tables: beside the figures of these.
        says: what follows; a `str.format` template over `n_rows`.
    """

    severity: str
    touches: tuple[str, ...]
    says: Comment

    @property
    def id(self) -> str:
        """Such as `X03`."""
        return self.name

    @property
    def relation(self) -> str:
        """Its full name."""
        return f"check.{self.name}"


@dataclass(frozen=True, eq=False)
class Annex(SqlFile):
    """A table of the briefing's annex: its SELECT yields the rows to print, for the day `:as_of`.

    Attributes:
        draft: heads what its column `draft` names on page one of a draft; None where nothing is.
    """

    title: Comment
    draft: Comment | None


@dataclass(frozen=True)
class Parameter:
    """What the one who asks may choose.

    Attributes:
        default: an SQL expression; None where the warehouse says it: the last day that there is.
    """

    default: str | None
    says: Comment


@dataclass(frozen=True, eq=False)
class Question(SqlFile):
    """A question that analysts ask, and the SELECT that answers it.

    Attributes:
        role: the role that may read what it reads, without `fugong_`.
        before: how many days before the day asked about its facts are read, too.
    """

    number: int
    asks: Comment
    role: str
    before: int
    params: Mapping[str, Parameter]


@dataclass(frozen=True)
class SqlFiles:
    """The facts, marts and checks of an installation; facts in the order in which they can be created."""

    facts: tuple[Fact, ...]
    marts: tuple[Mart, ...]
    checks: tuple[Check, ...]

    @property
    def daily(self) -> tuple[Daily, ...]:
        """All that is computed for days."""
        return (*self.marts, *self.checks)

    def fact(self, name: str) -> Fact:
        """The fact of that name, with or without its schema."""
        return _find("fact", name, self.facts)

    def mart(self, name: str) -> Mart:
        """The mart of that name, with or without its schema."""
        return _find("mart", name, self.marts)

    def check(self, name: str) -> Check:
        """The check of that id."""
        return _find("check", name, self.checks)

    def read_by(self, file: SqlFile) -> frozenset[str]:
        """Everything that a file reads, through however many facts, such as `asof.loan` and `ref.policy_param`."""
        found: set[str] = set()
        ahead = list(file.reads)
        while ahead:
            relation = ahead.pop()
            if relation not in found:
                found.add(relation)
                if relation.startswith("fact."):
                    ahead += self.fact(relation).reads
        return frozenset(found)

    def hash_of(self, file: SqlFile) -> str:
        """Changes when the SELECT of the file, or of a fact below it, means something else."""
        below = [self.fact(name).bare for name in sorted(self.read_by(file)) if name.startswith("fact.")]
        stale = ""
        if isinstance(file, Daily):
            stale = " ".join([file.stale, *map(str, file.before)])
        if isinstance(file, Check):  # the key of a row is kept as one text
            stale += " " + " ".join(file.keys)
        return hashlib.sha256("\n".join([file.bare, stale, *below]).encode()).hexdigest()


AnyFile = TypeVar("AnyFile", bound=SqlFile)


def load_sql_files(folder: Path) -> SqlFiles:
    """Read `facts/`, `marts/` and `checks/` below a folder (`include/sql`).

    Raises:
        ContractFault: a head is malformed, a name is used twice, a fact is read that does not exist, or facts read each other.
    """
    facts = [read_fact(file) for file in sorted((folder / "facts").glob("*.sql"))]
    marts = [read_mart(file) for file in sorted((folder / "marts").glob("*.sql"))]
    checks = [read_check(file) for file in sorted((folder / "checks").glob("*.sql"))]
    files = SqlFiles(_in_order(facts), tuple(marts), tuple(checks))
    ids = [file.relation for file in files.daily]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ContractFault(f"{where(folder)}: {_list(twice)} is in two files")
    relations = {fact.relation for fact in facts} | {mart.relation for mart in marts}
    for file in (*facts, *marts, *checks):
        for relation in file.reads:
            if relation.startswith("mart."):
                raise ContractFault(f"{where(file.file)}: reads {relation}; read facts instead, so that the past can be replayed")
            if relation.startswith(("fact.", "mart.")) and relation not in relations:
                raise ContractFault(f"{where(file.file)}: reads {relation}, which no file writes. There is: {_list(relations)}")
    for mart in marts:
        for total in mart.sums.values():
            for source in total.contributions:
                fact = files.fact(source.fact)
                if fact.relation not in mart.reads:
                    raise ContractFault(f"{where(mart.file)}: sums {source.fact}.{source.column} but does not name it in `reads`")
                if source.column not in fact.columns:
                    raise ContractFault(
                        f"{where(mart.file)}: {fact.relation} has no column {source.column!r}. It has: {', '.join(fact.columns)}"
                    )
    return files


def read_fact(file: Path) -> Fact:
    """Read one file of `facts/`."""
    head, body = _split(file, FACT_WORDS)
    columns = _columns(file, head)
    exempt = _names(" ".join(head.get("exempt", [])))
    if exempt and (len(exempt) != 2 or not columns.keys() >= set(exempt)):
        raise ContractFault(f"{where(file)}: `exempt` should be two columns, <is left out>, <who>, found {_list(exempt)}")
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
        raise ContractFault(f"{where(file)}: `keeps` should be newest, for an as_of mart, found {_list(keeps)}")
    key_of_row: dict[str, str] = {}
    for text in head.get("key", []):
        name, sign, expression = (part.strip() for part in text.partition("="))
        if not sign or name not in keys:
            raise ContractFault(f"{where(file)}: `key` should read <one of {', '.join(keys)}> = <expression>, found {text!r}")
        key_of_row[name] = expression
    sums = [_sum(file, text) for text in head.get("sums", [])]
    columns = _columns(file, head)
    cells = [_cell(file, text) for text in head.get("cell", [])]
    if [cell for cell in cells if not cell.columns] != cells[:1]:
        raise ContractFault(
            f"{where(file)}: the first `cell` counts the firms behind the whole row, every other one names its columns"
        )
    rounded = _names(" ".join(head.get("rounded", [])))
    closed = _names(" ".join(head.get("closed", [])))
    open_keys, _, open_sums = " ".join(head.get("open", [])).partition(":")
    named = [name for cell in cells for name in (*cell.count, *cell.columns, *([cell.largest] if cell.largest else []))]
    named += [*keys, *(total.column for total in sums), *rounded, *closed, *_names(open_keys), *_names(open_sums)]
    for name in named:
        if name not in columns:
            raise ContractFault(f"{where(file)}: {name!r} has no `column` line. There is: {', '.join(columns)}")
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
        raise ContractFault(f"{where(file)}: `open` should read <keys>: <columns to sum>, in a mart whose keys tell firms apart")
    return mart


def read_check(file: Path) -> Check:
    """Read one file of `checks/`."""
    head, body = _split(file, CHECK_WORDS)
    severity = _one(file, head, "severity")
    if severity not in SEVERITIES:
        raise ContractFault(f"{where(file)}: `severity` should be one of {', '.join(SEVERITIES)}, found {severity!r}")
    keys, stale, before, reach = _days(file, head)
    columns = _columns(file, head)
    for name in keys:
        if name not in columns:
            raise ContractFault(f"{where(file)}: {name!r} has no `column` line. There is: {', '.join(columns)}")
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
        raise ContractFault(f"{where(file)}: `question` should be the number that the file is named by, found {number!r}")
    params: dict[str, Parameter] = {}
    for text in head.get("param", []):
        found = re.fullmatch(r"([a-z][a-z0-9_]*)(?:\s*=\s*(\S+))?\s+(\S.*\|.*)", text)
        if not found:
            raise ContractFault(f"{where(file)}: `param` should read <name>[ = <default>]  中文 | English, found {text!r}")
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


def with_days(body: str, days: Iterable[date]) -> str:
    """The SELECT with its parameter `:days` written out.

    Raises:
        ContractFault: it has another parameter.
    """
    literal = "'{" + ",".join(day.isoformat() for day in days) + "}'::date[]"
    return with_values(body, {"days": literal})


def with_values(text: str, values: Mapping[str, str]) -> str:
    """An SQL text with its `:parameters` replaced by SQL expressions; strings, comments and `::casts` stay as they are."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        if name not in values:
            raise ContractFault(f"no parameter :{name} here. There is: {_list(f':{known}' for known in values)}")
        return values[name]

    return TOKEN.sub(value, text)


def parameters(text: str) -> frozenset[str]:
    """The names of the `:parameters` of an SQL text."""
    return frozenset(found[1] for found in TOKEN.finditer(text) if found[1] is not None)


def where(file: Path) -> str:
    """A file as named in messages: its last two folders are enough to find it."""
    return "/".join(file.parts[-3:])


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
                raise ContractFault(f"{where(file)}:{number + 1}: no head word {word!r}. There is: {', '.join(words)}")
            last = None
        elif last and (found := CONTINUED.match(line)):
            last[-1] += " " + found[1].strip()
        else:
            last = None
    body = "\n".join(lines[rest:]).strip().removesuffix(";").rstrip()
    if not re.match(r"(?is)^(?:--[^\n]*\n|\s)*(with|select)\b", body):
        raise ContractFault(f"{where(file)}: below the head there should be one SELECT (or WITH … SELECT)")
    if any(";" in part for part in TOKEN.sub(" ", body).splitlines()):
        raise ContractFault(f"{where(file)}: there should be one statement, found a second one after `;`")
    return head, body


def _days(file: Path, head: Mapping[str, list[str]]) -> tuple[tuple[str, ...], str, tuple[int, ...], int | None]:
    """Keys, stale, before and reach."""
    keys = tuple(_names(_one(file, head, "keys")))
    stale = _one(file, head, "stale").split()[0]
    if stale not in STALE or stale not in keys:
        raise ContractFault(f"{where(file)}: `stale` should be one of {', '.join(STALE)} and among the keys, found {stale!r}")
    days: dict[str, list[str]] = {}
    for word in ("before", "reach"):
        days[word] = _names(" ".join(head.get(word, [])))
        if not all(text.isdecimal() and int(text) for text in days[word]) or (days[word] and stale != "as_of"):
            raise ContractFault(f"{where(file)}: `{word}` should be numbers of days, for stale as_of, found {_list(days[word])}")
    if len(days["reach"]) > 1:
        raise ContractFault(f"{where(file)}: `reach` should be one number of days, found {_list(days['reach'])}")
    return keys, stale, tuple(map(int, days["before"])), int(days["reach"][0]) if days["reach"] else None


def _own_name(file: Path, head: Mapping[str, list[str]], word: str, schema: str) -> str:
    relation = _one(file, head, word).split(",")[0].split()[0]
    if relation != f"{schema}.{file.stem}" or not NAME.match(file.stem):
        raise ContractFault(f"{where(file)}: `{word}` should be {schema}.{file.stem}, as the file is named, found {relation!r}")
    return file.stem


def _one(file: Path, head: Mapping[str, list[str]], word: str) -> str:
    found = head.get(word, [])
    if len(found) != 1:
        raise ContractFault(f"{where(file)}: the head needs one line `-- {word}`, found {len(found)}")
    return found[0]


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def _reads(file: Path, head: Mapping[str, list[str]]) -> tuple[str, ...]:
    found = _names(" ".join(head.get("reads", [])))
    wrong = [name for name in found if not RELATION.match(name)]
    if wrong or not found:
        raise ContractFault(f"{where(file)}: `reads` should list relations such as asof.loan or fact.loan, found {_list(wrong)}")
    return tuple(found)


def _columns(file: Path, head: Mapping[str, list[str]]) -> dict[str, Comment]:
    columns: dict[str, Comment] = {}
    for text in head.get("column", []):
        name, _, rest = text.partition(" ")
        if not NAME.match(name) or name in columns:
            raise ContractFault(f"{where(file)}: `column` should read <name>  中文 | English, once per column, found {text!r}")
        columns[name] = _comment(file, rest)
    if not columns:
        raise ContractFault(f"{where(file)}: every column needs a line `-- column <name>  中文 | English`, found none")
    return columns


def _comment(file: Path, text: str) -> Comment:
    zh, sign, en = (part.strip() for part in text.partition("|"))
    if not (zh and sign and en):
        raise ContractFault(f"{where(file)}: wanted 中文 | English, found {text.strip()!r}")
    return Comment(zh, en)


def _cell(file: Path, text: str) -> Cell:
    behind, _, columns = text.partition(":")
    count, _, largest = behind.partition(",")
    parts = tuple(part.strip() for part in count.split(" - "))
    named = [*parts, *_names(largest)]
    if len(parts) > 2 or len(named) > len(parts) + 1 or not all(map(NAME.match, named)):
        raise ContractFault(f"{where(file)}: `cell` should read <count>[ - <count>][, <largest>][: <columns>], found {text!r}")
    return Cell(parts, largest.strip() or None, tuple(_names(columns)))


def _sum(file: Path, text: str) -> Sum:
    column, sign, rest = (part.strip() for part in text.partition("="))
    found = re.match(r"^(?:(least|greatest|sum)\s+)?(.*)$", rest)
    aggregate, sources = (found[1] or "sum", found[2].split("+")) if found else ("sum", [])
    contributions: list[Contribution] = []
    for source in sources:
        parts = source.strip().split(".")
        if not sign or len(parts) != 3 or parts[0] != "fact" or not all(map(NAME.match, parts)):
            raise ContractFault(f"{where(file)}: `sums` should read a = fact.x.c [+ fact.y.d], found {text!r}")
        contributions.append(Contribution(f"fact.{parts[1]}", parts[2]))
    return Sum(column, aggregate, tuple(contributions))


def _in_order(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts after the facts that they read."""
    by_relation = {fact.relation: fact for fact in facts}
    done: dict[str, Fact] = {}

    def place(fact: Fact, above: tuple[str, ...]) -> None:
        if fact.relation in above:
            raise ContractFault(f"{where(fact.file)}: facts read each other: {' → '.join((*above, fact.relation))}")
        if fact.relation not in done:
            for relation in fact.reads:
                if relation in by_relation:
                    place(by_relation[relation], (*above, fact.relation))
            done[fact.relation] = fact

    for fact in facts:
        place(fact, ())
    return tuple(done.values())


def _find(kind: str, name: str, files: Sequence[AnyFile]) -> AnyFile:
    bare = name.removeprefix(f"{kind}.")
    for file in files:
        if file.name == bare:
            return file
    raise ContractFault(f"no {kind} {bare!r}. There is: {', '.join(file.name for file in files)}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
