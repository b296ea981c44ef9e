"""Writes an audit as one HTML page without external files: the text as typed, each number coloured and explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fugong.audit.audit import Audit, AuditedNumber
from fugong.audit.judging import Status
from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Remark
from fugong.core.bilingual import Bilingual
from fugong.core.sanitize import page
from fugong.core.vocabulary import Lang
from fugong.figures.display import as_json

STATUSES = {
    Status.EQUAL: Bilingual("相符", "equal"),
    Status.DIFFERENT: Bilingual("不符", "different"),
    Status.MAYBE: Bilingual("或许", "maybe"),
    Status.NO_VALUE: Bilingual("无值", "no value"),
    Status.NOT_FOUND: Bilingual("未找到", "not found"),
}
VERDICTS = {
    AGREES: Bilingual("对得上", "adds up"),
    SUSPICION: Bilingual("存疑", "doubtful"),
    CONTRADICTION: Bilingual("自相矛盾", "contradicts itself"),
}
SIGNS = {
    Status.EQUAL.value: "✓", Status.DIFFERENT.value: "✗", Status.MAYBE.value: "?", Status.NO_VALUE.value: "–",
    Status.NOT_FOUND.value: "", AGREES: "✓", SUSPICION: "?", CONTRADICTION: "✗",
}  # fmt: skip
ORDER = (CONTRADICTION, Status.DIFFERENT, SUSPICION, Status.MAYBE, Status.NO_VALUE, AGREES, Status.EQUAL, Status.NOT_FOUND)
"""What colours a number that has several explanations: the gravest."""
WORDS = {
    "title": Bilingual("核对文稿", "Audit of a text"),
    "as_of": Bilingual("截至", "as of"),
    "known_at": Bilingual("知悉时点", "known at"),
    "explained": Bilingual("逐数说明", "Each number explained"),
    "line": Bilingual("行", "line"),
    "number": Bilingual("文中", "in the text"),
    "result": Bilingual("结果", "result"),
    "explanation": Bilingual("说明", "explanation"),
    "ours": Bilingual("我方", "ours"),
    "trace": Bilingual("溯源", "trace"),
    "whole": Bilingual("全文", "the whole text"),
    "note": Bilingual(
        "颜色只是提示：绿色与我方指标相符或前后对得上，红色不符或自相矛盾，黄色只是或许，灰色没有可对照的。",
        "Colours are hints: green agrees with our figures or adds up, red differs or contradicts itself, yellow is only maybe, grey "
        "has nothing to be compared with.",
    ),
}


@dataclass
class Explained:
    """One number of the text with all that is said of it.

    Attributes:
        kind: the gravest of its statuses and verdicts; the class of its colour.
        notes: kind and sentence.
    """

    number: int
    start: int
    end: int
    line: int
    kind: str
    notes: list[tuple[str, str, str]] = field(default_factory=list)


@lru_cache
def environment() -> Environment:
    """The environment of the page's template; it escapes what it prints."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=lambda value: page(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(audit: Audit, name: str, lang: Lang, warnings: Sequence[Bilingual] = ()) -> bytes:
    """The page in UTF-8.

    Args:
        name: of the document.
        warnings: what of the document was not read.
    """
    return (
        environment()
        .get_template("audit.html.jinja")
        .render(name=name, lang="zh-CN" if lang is Lang.ZH else "en", **content_of(audit, lang, warnings))
        .encode("utf-8")
    )


def content_of(audit: Audit, lang: Lang, warnings: Sequence[Bilingual] = ()) -> dict[str, Any]:
    """What a page shows of an audit: the text in pieces, what is said of each number, counts by kind, and the words for all that."""
    explained = explain(audit, lang)
    typed = audit.text.typed
    pieces: list[str | Explained] = []
    at = 0
    for one in explained:
        pieces += [typed[at : one.start], one]
        at = one.end
    pieces.append(typed[at:])
    counts = {status.value: audit.count(status) for status in Status}
    counts |= {verdict: sum(remark.verdict == verdict for remark in audit.remarks) for verdict in VERDICTS}
    return {
        "audit": audit,
        "words": {key: text.text_in(lang) for key, text in WORDS.items()},
        "pieces": pieces,
        "explained": explained,
        "typed": typed,
        "labels": {kind.value: text.text_in(lang) for kind, text in STATUSES.items()}
        | {kind: text.text_in(lang) for kind, text in VERDICTS.items()},
        "signs": SIGNS,
        "general": [(remark.verdict, remark.message.text_in(lang)) for remark in audit.remarks if not remark.quantities],
        "counts": counts,
        "warnings": [warning.text_in(lang) for warning in warnings],
    }


def explain(audit: Audit, lang: Lang) -> list[Explained]:
    """Gather what is said of each number, in the order of the text."""
    found: dict[tuple[int, int], Explained] = {}
    for one in audit.numbers:
        _add(found, audit, one.start, one.end, (one.status.value, _of_number(one, lang), _trace(audit, one)))
    for remark in audit.remarks:
        for start, end in _spans(audit, remark):
            _add(found, audit, start, end, (remark.verdict, remark.message.text_in(lang), ""))
    ordered = sorted(found.values(), key=lambda one: (one.start, -one.end))
    kept: list[Explained] = []
    for one in ordered:
        if kept and one.start < kept[-1].end:  # a range and its last number: one place of the text
            kept[-1].notes += [note for note in one.notes if note not in kept[-1].notes]
        else:
            kept.append(one)
    for number, one in enumerate(kept, 1):
        one.number = number
        one.kind = min((kind for kind, _, _ in one.notes), key=ORDER.index)
    return kept


def _add(found: dict[tuple[int, int], Explained], audit: Audit, start: int, end: int, note: tuple[str, str, str]) -> None:
    line = audit.text.typed.count("\n", 0, start) + 1
    place = found.setdefault((start, end), Explained(0, start, end, line, note[0]))
    if note not in place.notes:
        place.notes.append(note)


def _spans(audit: Audit, remark: Remark) -> Iterator[tuple[int, int]]:
    for number in remark.quantities:
        quantity = audit.quantities[number]
        yield audit.text.place(quantity.start), audit.text.place(quantity.end - 1) + 1


def _of_number(one: AuditedNumber, lang: Lang) -> str:
    if one.figure is None:
        return Bilingual("不是我方的指标。", "None of our figures.").text_in(lang)
    figure = one.figure
    name = figure.name_zh if lang is Lang.ZH else figure.name
    ours = figure.display or str(as_json(figure.value) or "–")
    sentence = Bilingual(f"{figure.id} {name}:我方 {ours}", f"{figure.id} {name}: ours is {ours}").text_in(lang)
    reason = one.reason.text_in(lang) if one.reason else ""
    closing = "。" if lang is Lang.ZH else "."
    return sentence + (Bilingual(f";{reason}", f"; {reason}").text_in(lang) if reason else "") + closing


def _trace(audit: Audit, one: AuditedNumber) -> str:
    return one.trace(audit.as_of, audit.asked_at) if one.status is Status.DIFFERENT else ""
