"""Reads the head of a SQL file: the YAML in its leading comment.

`schemas/sql-<kind>.schema.json` says which keys a head has; this module checks what one key says about another, and builds the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.schema import Document, Position, nearest, parse_yaml, read_text, template_fault, validate
from fugong.core.vocabulary import CheckSeverity
from fugong.marts.cells import read_cells, read_keys
from fugong.marts.model import (
    Check,
    Contribution,
    Exclusion,
    Fact,
    FirmsBehind,
    Mart,
    OtherReading,
    Rollup,
    SameAs,
    Sum,
    ToldBy,
    Window,
    is_of_firm,
)
from fugong.marts.model_of_tables import Annex, Parameter, Publishes, Question
from fugong.marts.parameters import TOKEN
from fugong.marts.relations import Rate, Relation, parse_rate, parse_relation

# One command asks for the same files several times. The text is part of the key: an edited file is read again.
_cached = lru_cache(maxsize=1024)


def read_fact(file: Path) -> Fact:
    """Read one file of `facts/`.

    Raises:
        ConfigurationError: the head does not fit its schema, contradicts itself or the file's name; or one SELECT is not all that follows.
    """
    return _fact(file, read_text(file))


def read_mart(file: Path) -> Mart:
    """Read one file of `marts/`. Raises as `read_fact`."""
    return _mart(file, read_text(file))


def read_check(file: Path) -> Check:
    """Read one file of `checks/`. Raises as `read_fact`."""
    return _check(file, read_text(file))


def read_annex(file: Path) -> Annex:
    """Read one file of `briefing/annex/`. Raises as `read_fact`."""
    return _annex(file, read_text(file))


def read_question(file: Path) -> Question:
    """Read one file of `questions/`. Raises as `read_fact`."""
    return _question(file, read_text(file))


@_cached
def _fact(file: Path, text: str) -> Fact:
    head, body = _split(file, text, "fact")
    content = head.content
    columns = _columns(content)
    excludes = content.get("excludes")
    if excludes:
        for key, column in excludes.items():
            _require(head, columns, ("excludes", key), column)
    reports = content.get("reports", {})
    _require(head, columns, ("reports",), reports)
    for column, by_value in reports.items():
        for value, tables in by_value.items():
            _require(head, [name.partition(".")[2] for name in content["reads"]], ("reports", column, value), tables, "reads")
    return Fact(
        file=file,
        head=head,
        name=_name(file, head),
        reads=tuple(content["reads"]),
        columns=columns,
        body=body,
        grain=content["grain"],
        excludes=Exclusion(excludes["flag"], excludes["entity"]) if excludes else None,
        is_shared=content.get("shared", False),
        reports={column: {value: tuple(tables) for value, tables in each.items()} for column, each in reports.items()},
    )


@_cached
def _mart(file: Path, text: str) -> Mart:
    head, body = _split(file, text, "mart")
    content = head.content
    columns = _columns(content)
    days = _days(head, columns)
    suppression = _suppression(head, columns)
    largest = [behind.largest for behind in suppression if behind.largest]
    expressions = content.get("key_expressions", {})
    _require(head, days.keys, ("key_expressions",), expressions, "keys")
    _require(head, days.keys, ("hidden_rows",), content.get("hidden_rows", {}), "keys")
    for word in ("sums", "rounded", "hidden"):
        _require(head, columns, (word,), content.get(word, ()))
    return Mart(
        file=file,
        head=head,
        name=_name(file, head),
        reads=tuple(content["reads"]),
        columns=columns,
        body=body,
        **days._asdict(),
        title=_pair(content["title"]) if "title" in content else Bilingual(file.stem, file.stem),
        grain=content["grain"],
        serves=content.get("serves", ""),
        sums={column: _sum(column, source) for column, source in content.get("sums", {}).items()},
        key_expressions=expressions,
        suppression=suppression,
        rounded=tuple(content.get("rounded", ())),
        hidden=tuple(dict.fromkeys((*content.get("hidden", ()), *largest))),
        hidden_rows={key: tuple(members) for key, members in content.get("hidden_rows", {}).items()},
        public_rollup=_rollup(head, columns, days.keys),
        totals=_totals(head, days.keys),
        names=_names(head, days.keys),
        rates=_rates(head, columns),
        relations=_relations(head, columns),
        told_by=_told_by(head, columns, days.keys),
        same_as=_same_as(file, head, columns, days.keys),
        window=_window(head, columns),
    )


@_cached
def _check(file: Path, text: str) -> Check:
    head, body = _split(file, text, "check")
    content = head.content
    columns = _columns(content)
    if wrong := template_fault(content["message"], {"n_rows"}):
        raise head.fault(("message",), f"`message` {wrong}")
    for key in ("said", "tells", "codes"):
        _require(head, columns, (key,), content.get(key, ()))
    return Check(
        file=file,
        head=head,
        name=content["check"],
        reads=tuple(content["reads"]),
        columns=columns,
        body=body,
        **_days(head, columns)._asdict(),
        severity=CheckSeverity(content["severity"]),
        touches=tuple(content["touches"]),
        message=_pair(content["message"]),
        otherwise=_otherwise(head, columns),
        said=tuple(content.get("said", ())),
        tells=tuple(content.get("tells", ())),
        codes=_codes(content),
    )


def _otherwise(head: Document, columns: Mapping[str, Bilingual]) -> OtherReading | None:
    given = head.content.get("otherwise")
    if given is None:
        return None
    _require(head, columns, ("otherwise",), [name for name in ("part_id", "sheet", "row_number") if name not in columns])
    for word in ("column_of", "value", "instead_of", "opposite_of"):
        if word in given:
            _require(head, columns, ("otherwise", word), given[word])
    says = sum(word in given for word in ("value", "opposite_of", "constant"))
    if says != (0 if "is_absent" in given else 1) or ("instead_of" in given and "value" not in given):
        raise head.fault(
            ("otherwise",),
            "`otherwise` should have `is_absent` alone, or a column with one of `value`, `opposite_of` and `constant`",
        )
    return OtherReading(**given)


@_cached
def _annex(file: Path, text: str) -> Annex:
    head, body = _split(file, text, "annex")
    content = head.content
    return Annex(
        file=file,
        head=head,
        name=file.stem,
        reads=tuple(content["reads"]),
        columns=_columns(content),
        body=body,
        title=_pair(content["title"]),
        draft_label=_pair(content["draft_label"]) if "draft_label" in content else None,
        edition=content.get("edition", ""),
        publishes=tuple(
            Publishes(
                read_cells({key: value for key, value in given.items() if key != "over"}),
                tuple(given.get("by", ())),
                float(given["step"]),
                given.get("over", ""),
                given.get("fewest", 0),
            )
            for given in content.get("publishes", ())
        ),
    )


@_cached
def _question(file: Path, text: str) -> Question:
    head, body = _split(file, text, "question")
    content = head.content
    number = content["number"]
    if not re.fullmatch(rf"0*{number}_[a-z0-9_]+", file.stem):
        raise head.fault(("number",), f"`number` should be the number that the file's name begins with, found {number}")
    columns = _columns(content)
    parameters = {name: _parameter(given) for name, given in content.get("parameters", {}).items()}
    _require(head, columns, ("codes",), content.get("codes", {}))
    _require(head, columns, ("secondary",), content.get("secondary", ()))
    window = content.get("window_days", 0)
    if isinstance(window, str) and window not in parameters:
        raise head.fault(("window_days",), f"{window!r} should be one of the parameters")
    return Question(
        file=file,
        head=head,
        name=file.stem,
        reads=tuple(content["reads"]),
        columns=columns,
        body=body,
        number=number,
        text=_pair(content["question"]),
        role=content["role"],
        window_days=content.get("window_days", 0),
        parameters=parameters,
        codes=_codes(content),
        secondary=tuple(content.get("secondary", ())),
    )


def _split(file: Path, text: str, kind: str) -> tuple[Document, str]:
    """The head, checked against its schema, and the SELECT below it."""
    lines = text.splitlines()
    n_head = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    for number, line in enumerate(lines[:n_head]):
        if not line.startswith("-- ") and line != "--":
            raise ConfigurationError(f"{where(file)}:{number + 1}: a line of the head should begin with `-- `, found {line!r}")
    head = parse_yaml("\n".join(line[3:] for line in lines[:n_head]), where(file))
    if head.content is None:
        raise head.fault((), "the file should begin with a head: YAML in lines that begin with `-- `")
    validate(head, f"sql-{kind}")
    body = "\n".join(lines[n_head:]).strip().removesuffix(";").rstrip()
    if not re.match(r"(?is)^(?:--[^\n]*\n|\s)*(with|select)\b", body):
        raise ConfigurationError(f"{where(file)}:{n_head + 1}: below the head there should be one SELECT (or WITH … SELECT)")
    if ";" in body and ";" in TOKEN.sub(" ", body):
        raise ConfigurationError(f"{where(file)}: there should be one statement, found a second one after `;`")
    return head, body


class _Days(NamedTuple):
    """What marts and checks have in common, by the names of the model."""

    keys: tuple[str, ...]
    partition_by: str
    lookback_days: tuple[int, ...]
    max_lag_days: int | None
    is_latest_only: bool


def _days(head: Document, columns: Mapping[str, Bilingual]) -> _Days:
    content = head.content
    partition_by = content["partition_by"]
    if partition_by not in content["keys"]:
        raise head.fault(("partition_by",), f"{partition_by!r} should be one of the keys")
    _require(head, columns, ("keys",), content["keys"])
    for word in ("lookback_days", "max_lag_days", "keep"):
        if word in content and partition_by != "as_of":
            raise head.fault((word,), f"`{word}` goes with `partition_by: as_of`, found `partition_by: {partition_by}`")
    return _Days(
        keys=tuple(content["keys"]),
        partition_by=partition_by,
        lookback_days=tuple(content.get("lookback_days", ())),
        max_lag_days=content.get("max_lag_days"),
        is_latest_only="keep" in content,
    )


def _suppression(head: Document, columns: Mapping[str, Bilingual]) -> tuple[FirmsBehind, ...]:
    content = head.content.get("suppression")
    if content is None:
        return ()
    values = content.get("values", [])
    positions: list[Position] = [("suppression",), *(("suppression", "values", at) for at in range(len(values)))]
    behind: list[FirmsBehind] = []
    for position, given in zip(positions, (content, *values), strict=True):
        count, largest = given["firms"].split(" - "), given.get("largest")
        _require(head, columns, (*position, "firms"), count)
        _require(head, columns, (*position, "largest"), [largest] if largest else [])
        _require(head, columns, (*position, "columns"), given.get("columns", ()))
        behind.append(FirmsBehind(tuple(count), largest, tuple(given.get("columns", ()))))
    return tuple(behind)


def _rollup(head: Document, columns: Mapping[str, Bilingual], keys: Sequence[str]) -> Rollup | None:
    content = head.content.get("public_rollup")
    if content is None:
        return None
    if not any(map(is_of_firm, keys)):
        raise head.fault(("public_rollup",), "`public_rollup` is for marts whose keys tell firms apart: uscc is none of the keys")
    for word, names in content.items():
        _require(head, columns, ("public_rollup", word), names)
    return Rollup(tuple(content["keys"]), tuple(content["sums"]))


def _totals(head: Document, keys: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    rollup = head.content.get("public_rollup")
    keys = rollup["keys"] if rollup else keys
    given = head.content.get("totals", [])
    for at, names in enumerate(given):
        _require(head, [key for key in keys if key != head.content["partition_by"]], ("totals", at), names, "keys")
    return tuple(tuple(names) for names in given)


def _names(head: Document, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    given: Mapping[str, Sequence[str]] = head.content.get("names", {})
    _require(head, keys, ("names",), given, "keys")
    return {key: tuple(places) for key, places in given.items()}


def _rates(head: Document, columns: Mapping[str, Bilingual]) -> dict[str, Rate]:
    rates = {name: parse_rate(text) for name, text in head.content.get("rates", {}).items()}
    _require(head, columns, ("rates",), rates)
    for name, rate in rates.items():
        for column in (*rate.above, *rate.below, *([rate.times] if rate.times else [])):
            _require(head, columns, ("rates", name), column)
    return rates


def _relations(head: Document, columns: Mapping[str, Bilingual]) -> tuple[Relation, ...]:
    found: list[Relation] = []
    for at, given in enumerate(head.content.get("relations", [])):
        relation = parse_relation(given)
        for column in relation.terms:
            _require(head, columns, ("relations", at, "holds"), column)
        _require(head, columns, ("relations", at, "where"), relation.where)
        found.append(relation)
    return tuple(found)


def _same_as(file: Path, head: Document, columns: Mapping[str, Bilingual], keys: Sequence[str]) -> tuple[SameAs, ...]:
    found: list[SameAs] = []
    for at, given in enumerate(head.content.get("same_as", [])):
        _require(head, columns, ("same_as", at, "column"), [given["column"]])
        for word in ("keys", "without", "by"):
            _require(head, keys, ("same_as", at, word), given.get(word, ()), "keys")
        found.append(SameAs(given["mart"], read_cells({**given, "mart": _name(file, head)}), tuple(given.get("by", ()))))
    return tuple(found)


def _window(head: Document, columns: Mapping[str, Bilingual]) -> Window | None:
    content = head.content.get("window")
    if content is None:
        return None
    _require(head, columns, ("window", "sums"), content["sums"])
    return Window(content["days"], {column: tuple(map(_contribution, names)) for column, names in content["sums"].items()})


def _told_by(head: Document, columns: Mapping[str, Bilingual], keys: Sequence[str]) -> tuple[ToldBy, ...]:
    rollup = head.content.get("public_rollup")
    found: list[ToldBy] = []
    for at, given in enumerate(head.content.get("told_by", [])):
        _require(head, columns, ("told_by", at, "columns"), given["columns"].values())
        _require(head, rollup["keys"] if rollup else keys, ("told_by", at, "keys"), given.get("keys", {}), "keys")
        found.append(
            ToldBy(
                given["mart"].removeprefix("mart."),
                given["columns"],
                read_keys(given.get("where", {})),
                read_keys(given.get("keys", {})),
            )
        )
    return tuple(found)


def _sum(column: str, source: str | list[str] | Mapping[str, str]) -> Sum:
    if isinstance(source, Mapping):
        ((aggregate, name),) = source.items()
        return Sum(column, aggregate, (_contribution(name),))
    names = [source] if isinstance(source, str) else source
    return Sum(column, "sum", tuple(map(_contribution, names)))


def _contribution(name: str) -> Contribution:
    fact, _, column = name.rpartition(".")
    return Contribution(fact, column)


def _parameter(given: Mapping[str, Any]) -> Parameter:
    return Parameter(str(given["default"]) if "default" in given else None, _pair(given["label"]))


def _columns(content: Mapping[str, Any]) -> dict[str, Bilingual]:
    return {name: _pair(text) for name, text in content["columns"].items()}


def _codes(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(lists) for name, lists in content.get("codes", {}).items()}


def _pair(text: str) -> Bilingual:
    zh, _, en = text.partition("|")
    return Bilingual(zh.strip(), en.strip())


def _name(file: Path, head: Document) -> str:
    """The name of a fact or mart, which is the file's."""
    relation: str = head.content["writes"]
    schema, _, name = relation.partition(".")
    if name != file.stem:
        raise head.fault(("writes",), f"`writes` should be {schema}.{file.stem}, as the file is named, found {relation!r}")
    return name


def _require(
    head: Document,
    known: Iterable[str],
    position: Position,
    names: str | Sequence[str] | Mapping[str, Any],
    what: str = "columns",
) -> None:
    """Refuse names that the head does not declare.

    Args:
        position: where the names stand: one name, a list, or a mapping by names.
        what: the key that declares the known ones.
    """
    known = list(known)
    if isinstance(names, str):
        found = [(position, names)]
    elif isinstance(names, Mapping):
        found = [((*position, name), name) for name in names]
    else:
        found = [((*position, at), name) for at, name in enumerate(names)]
    for at, name in found:
        if name not in known:
            raise head.fault(at, f"{name!r} is not among `{what}`.{nearest(name, known)}")
