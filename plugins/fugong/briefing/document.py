"""Composes the briefing of one day as known at one moment: a document without formatting, made from the warehouse alone.

`render` writes it as Word, HTML and Markdown; `publishing` keeps what was published. The wording comes from
`include/briefing/briefing.yaml`, the tables of the annex from `include/briefing/annex`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg

from fugong.briefing import annex
from fugong.briefing.adjustment import Adjustment, adjustments
from fugong.briefing.annex import Table
from fugong.briefing.obstacles import Obstacle, in_words, obstacles
from fugong.briefing.sources import SourceSummary, summarise
from fugong.briefing.tables import own_tables
from fugong.briefing.wording import Citation, LeftOut, Paragraph, Template, Written, load_template, write
from fugong.core import time
from fugong.core.time import SHANGHAI
from fugong.figures.display import day as in_full
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.figure import Figure, describe, rule_warnings
from fugong.figures.rules import Broken
from fugong.figures.series import series
from fugong.lineage.trace import lines_behind
from fugong.marts import asof

NUMBERS = "一二三四五六七八九十"
"""Numbers of headings: 一、 and (一)."""


@dataclass(frozen=True)
class Signature:
    """Who released the briefing, and when; provisional where nobody signed it by the deadline. The reason explains what jumped."""

    signer: str
    signed_at: datetime
    is_provisional: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph: its numbered heading, and its sentences with figures in them."""

    heading: str
    pieces: Written


@dataclass(frozen=True)
class Section:
    """A numbered section."""

    heading: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Note:
    """A note beside the figures that it concerns."""

    number: int
    text: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """A figure with its sources, adjustments and notes."""

    figure: Figure
    is_printed: bool
    sources: tuple[SourceSummary, ...]
    adjustments: tuple[Adjustment, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Curve:
    """A figure over time."""

    figure: str
    name: str
    points: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class Chart:
    """Curves on one axis, whose unit is `%`, 万元, 亿元 or empty."""

    title: str
    unit: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Briefing:
    """The whole document.

    Attributes:
        missing: what page one says is missing, uncertain or unusual.
        obstacles: what stands in the way of a signature.
        figures: every defined figure by id, printed or not.
        tables: the annex.
    """

    masthead: str
    title: str
    basis: str
    issuer: str
    as_of: date
    known_at: datetime
    signature: Signature | None
    lead: Text
    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    notes: tuple[Note, ...]
    figures: Mapping[str, Explained]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]

    @property
    def standing(self) -> str:
        """The mark of a briefing that nobody signed: 草稿, 临时发布, or empty."""
        if self.signature is None:
            return "草稿"
        return "临时发布" if self.signature.is_provisional else ""

    @property
    def as_of_text(self) -> str:
        """The day, in full."""
        return in_full(self.as_of)

    @property
    def known_at_text(self) -> str:
        """The moment of knowledge, to the second."""
        moment = self.known_at.astimezone(SHANGHAI)
        return f"{in_full(moment.date())} {moment:%H:%M:%S}"


def compose(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    signature: Signature | None = None,
) -> Briefing:
    """Compose the briefing of a day. The same arguments give the same document, for ever.

    Args:
        known_at: the moment of knowledge; None for now, which is the moment of the last settlement or adjustment.
        signature: None for a draft.

    Raises:
        ConfigurationError: the template, a figure or a table of the annex cannot be evaluated.
    """
    template = load_template(include)
    with open_evaluator(connection, include, as_of, known_at) as evaluator:
        adjusted = adjustments(connection, as_of, known_at)
        moment = known_at or max([evaluator.moment.known_at, *(one.recorded_at for one in adjusted)])
        definitions = evaluator.moment.definitions
        template.refuse_unknown(definitions)
        charts = _charts(evaluator, template)
        broken = rule_warnings(evaluator, definitions.values())
        found = {name: describe(evaluator, one, broken.get(name, ())) for name, one in definitions.items()}
        lead, sections, left_out = _written(template, found)
        printed = _cited([lead, *(text for section in sections for text in section.texts)])
        notes = _notes(printed, found, broken, adjusted)
        tables = annex.read_tables(evaluator, annex.load_annex(include), moment)
        found_obstacles = obstacles(evaluator, template.bounds, template.printed, found)
        return Briefing(
            masthead=template.masthead,
            title=template.title,
            basis=template.basis,
            issuer=found[template.issuer].display,
            as_of=as_of,
            known_at=moment,
            signature=signature,
            lead=lead,
            sections=sections,
            missing=(
                *(f"{table.missing_label}:{'、'.join(table.missing)}。" for table in tables if table.missing),
                *_sentences(found_obstacles, signature),
            ),
            obstacles=found_obstacles,
            notes=notes,
            figures={
                name: Explained(
                    figure=figure,
                    is_printed=name in printed,
                    sources=summarise(lines_behind(evaluator, definitions[name])),
                    adjustments=tuple(one for one in adjusted if one.figure == name),
                    notes=tuple(note for note in notes if name in note.figures),
                )
                for name, figure in found.items()
            },
            charts=charts,
            tables=(
                *tables,
                *own_tables(printed, found, broken, adjusted, left_out),
            ),
        )


def _written(template: Template, figures: Mapping[str, Figure]) -> tuple[Text, tuple[Section, ...], list[LeftOut]]:
    """The lead, the sections with a sentence to print, and the sentences that are left out."""
    left_out: list[LeftOut] = []

    def pieces(paragraph: Paragraph) -> Written:
        found: list[str | Citation] = []
        for sentence in paragraph.sentences:
            written = write(sentence, figures)
            if isinstance(written, LeftOut):
                left_out.append(written)
            elif written:
                found += written
        return tuple(found)

    lead = Text("", pieces(template.lead))
    sections: list[Section] = []
    for section in template.sections:
        printed = [(paragraph.heading, written) for paragraph in section.paragraphs if (written := pieces(paragraph))]
        if printed:
            texts = tuple(
                Text(f"({number}){heading}", written) for number, (heading, written) in zip(NUMBERS, printed, strict=False)
            )
            sections.append(Section(f"{NUMBERS[len(sections)]}、{section.heading}", texts))
    return lead, tuple(sections), left_out


def _sentences(found: Sequence[Obstacle], signature: Signature | None) -> Iterator[str]:
    """What page one says about obstacles, one sentence for each kind."""
    yield from (f"{sentence.zh}。" for sentence in in_words(found))
    if signature and signature.reason:
        yield f"说明:{signature.reason}"


def _cited(texts: Sequence[Text]) -> tuple[str, ...]:
    """The figures printed, in the order of the text."""
    return tuple(dict.fromkeys(piece.figure for text in texts for piece in text.pieces if isinstance(piece, Citation)))


def _notes(
    printed: Sequence[str],
    figures: Mapping[str, Figure],
    broken: Mapping[str, Sequence[Broken]],
    adjusted: Sequence[Adjustment],
) -> tuple[Note, ...]:
    """The notes beside the printed figures: adjustments, contradictions, carried data, origins of denominators."""
    touched: dict[str, list[str]] = {}
    for name in printed:
        figure = figures[name]
        texts = [
            f"口径调整:“{figure.name_zh}”按{one.value_text}掌握。{one.reason}(提出:{one.proposer};批准:{one.approver})"
            for one in adjusted
            if one.figure == name
        ]
        texts += [one.text.zh for one in broken.get(name, ())]
        if figure.bridge:
            texts.append(figure.bridge.zh)
        if figure.carried_rows:
            texts.append(f"“{figure.name_zh}”中有{figure.carried_rows}行沿用前几日的数据。")
        said = figure.interval.text if figure.interval else None
        if figure.gaps:
            told = [*([f"{said.zh}。"] if said else []), *(sentence.zh for sentence in figure.gaps)]
            texts.append(f"“{figure.name_zh}”:{''.join(told)}")
        for text in texts:
            touched.setdefault(text, []).append(name)
    return tuple(Note(number, text, tuple(names)) for number, (text, names) in enumerate(touched.items(), 1))


def _charts(evaluator: Evaluator, template: Template) -> tuple[Chart, ...]:
    with asof.session_at(evaluator.moment.connection, None, evaluator.moment.known_at):
        [(first,)] = evaluator.moment.connection.execute("SELECT MIN(report_date) FROM asof.part").fetchall()
    days = list(time.each_day(first, evaluator.moment.as_of)) if first else []
    charts: list[Chart] = []
    for drawing in template.drawings:
        curves: list[Curve] = []
        for name in drawing.figures:
            values = series(evaluator, evaluator.moment.definitions[name], days)
            points = tuple((day, value) for day, value in zip(days, values, strict=True) if value is not None)
            curves.append(Curve(name, evaluator.moment.definitions[name].name_zh, points))
        charts.append(Chart(drawing.title, drawing.unit, tuple(curve for curve in curves if curve.points)))
    return tuple(chart for chart in charts if chart.curves)
