"""Composes the briefing of one day as known at one moment: a document without formatting, made from the warehouse alone.

`render` writes it as Word, HTML and Markdown; `publishing` keeps what was published. The wording comes from
`include/briefing/briefing.yaml`, the tables of the annex from `include/briefing/annex`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg

from fugong.briefing import annex
from fugong.briefing.adjustment import Adjustment, adjustments, last_change
from fugong.briefing.annex import Table
from fugong.briefing.language import Language, language_of
from fugong.briefing.obstacles import Kind, Obstacle, in_words, obstacles
from fugong.briefing.sources import Sources, SourceSummary
from fugong.briefing.tables import Chart, Curve, own_tables, week_by_week
from fugong.briefing.wording import Citation, LeftOut, Paragraph, Template, Written, load_template, write
from fugong.core import time
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.evidence import log
from fugong.figures.display import day as in_full
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.figure import Figure, describe, rule_warnings
from fugong.figures.interval import EITHER_WAY
from fugong.figures.rules import Broken
from fugong.figures.series import series
from fugong.marts import asof

LOG = logging.getLogger(__name__)
NUMBERS = "一二三四五六七八九十"
CHARTED = timedelta(365)
"""A chart shows so many days before its last one at most."""
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
class Briefing:
    """The whole document.

    Attributes:
        missing: what page one says is missing, uncertain or unusual.
        obstacles: what stands in the way of a signature.
        front: the tables of page one.
        figures: every defined figure by id, printed or not.
        tables: the annex.
        head: of the log, as of the moment of knowledge; empty where nothing was logged by then.
    """

    language: Language
    masthead: str
    title: str
    basis: str
    issuer: str
    as_of: date
    known_at: datetime
    signature: Signature | None
    front: tuple[Table, ...]
    lead: Text
    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    notes: tuple[Note, ...]
    figures: Mapping[str, Explained]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    head: str = ""

    @property
    def standing(self) -> str:
        """The mark of a briefing that nobody signed: 草稿, 临时发布, or empty."""
        if self.signature is None:
            return self.language.say("草稿", "Draft")
        return self.language.say("临时发布", "Provisional") if self.signature.is_provisional else ""

    @property
    def as_of_text(self) -> str:
        """The day, in full."""
        return self.language.words(in_full(self.as_of))

    @property
    def known_at_text(self) -> str:
        """The moment of knowledge, to the second."""
        moment = self.known_at.astimezone(SHANGHAI)
        return f"{self.language.words(in_full(moment.date()))} {moment:%H:%M:%S}"


def compose(
    connection: psycopg.Connection,
    include: Path,
    as_of: date,
    known_at: datetime | None = None,
    *,
    signature: Signature | None = None,
    lang: Lang = Lang.ZH,
    edition: str = "",
    with_sources: bool = True,
) -> Briefing:
    """Compose the briefing of a day. The same arguments give the same document, for ever.

    Args:
        known_at: the moment of knowledge; None for now, which is the moment of the last settlement or adjustment.
        signature: None for a draft.
        lang: the language of the edition.
        edition: `taskforce`, whose tables name firms, or empty for everybody.
        with_sources: whether to summarise the lines behind each figure; a page that links to them needs no summary.

    Raises:
        ConfigurationError: the template, a figure or a table of the annex cannot be evaluated.
    """
    template = load_template(include)
    template.refuse_untranslated(lang)
    with open_evaluator(connection, include, as_of, known_at) as opened:
        evaluator = opened.naming(template.absent(opened.moment.definitions))
        adjusted = adjustments(connection, as_of, known_at)
        changed = last_change(connection, as_of)
        latest = evaluator.moment.known_at
        moment = known_at or (max(latest, changed) if changed else latest)
        definitions = evaluator.moment.definitions
        language = language_of(include, lang)
        charts = charts_of(evaluator, template, language)
        broken = rule_warnings(evaluator, definitions.values())
        found = {name: describe(evaluator, one, broken.get(name, ())) for name, one in definitions.items()}
        shown = {name: language.figure(definitions[name], one) for name, one in found.items()}
        lead, sections, left_out = _written(template, found, shown, language)
        printed = _cited([lead, *(text for section in sections for text in section.texts)])
        notes = _notes(printed, shown, broken, adjusted, language)
        front, tables = (
            [
                table_in(language, one)
                for one in annex.read_tables(evaluator, annex.annex_files(include, folder), moment, edition=edition)
            ]
            for folder in ("front", "annex")
        )
        sources = Sources(evaluator)
        found_obstacles = obstacles(evaluator, template.bounds, template.printed, found)
        return Briefing(
            language=language,
            masthead=language.pick(template.masthead),
            title=language.pick(template.title),
            basis=language.pick(template.basis),
            issuer=shown[template.issuer].display,
            as_of=as_of,
            known_at=moment,
            signature=signature,
            front=tuple(
                one for one in (*front, week_by_week(charts, as_of, found, definitions, language)) if one.rows or one.fault
            ),
            lead=lead,
            sections=sections,
            missing=(
                *(_missing(table, language) for table in tables if table.missing),
                *_sentences(found_obstacles, signature, language),
            ),
            obstacles=found_obstacles,
            notes=notes,
            figures={
                name: Explained(
                    figure=figure,
                    is_printed=name in printed,
                    sources=sources.of(definitions[name]) if with_sources else (),
                    adjustments=tuple(one for one in adjusted if one.figure == name),
                    notes=tuple(note for note in notes if name in note.figures),
                )
                for name, figure in shown.items()
            },
            charts=charts,
            tables=(
                *tables,
                *own_tables(printed, shown, broken, adjusted, left_out, language),
            ),
            head=str(log.head_as_of(connection, moment) or ""),
        )


def _written(
    template: Template, figures: Mapping[str, Figure], shown: Mapping[str, Figure], language: Language
) -> tuple[Text, tuple[Section, ...], list[LeftOut]]:
    """The lead, the sections with a sentence to print, and the sentences that are left out."""
    left_out: list[LeftOut] = []
    displays = {name: one.display for name, one in shown.items()}

    def pieces(paragraph: Paragraph) -> Written:
        found: list[str | Citation] = []
        for sentence in paragraph.sentences:
            written = write(sentence, figures, language.lang, displays)
            if isinstance(written, LeftOut):
                left_out.append(written)
            elif written:
                found += [language.joint, *written] if found and language.joint else written
        return tuple(found)

    lead = Text("", pieces(template.lead))
    sections: list[Section] = []
    for section in template.sections:
        printed = [(paragraph.heading, written) for paragraph in section.paragraphs if (written := pieces(paragraph))]
        if printed:
            texts = tuple(
                Text(
                    language.say(f"({number}){heading.zh}", f"({at}) {heading.en}"),
                    written,
                )
                for at, (number, (heading, written)) in enumerate(zip(NUMBERS, printed, strict=False), 1)
            )
            zh, en = f"{NUMBERS[len(sections)]}、{section.heading.zh}", f"{len(sections) + 1}. {section.heading.en}"
            sections.append(Section(language.say(zh, en), texts))
    return lead, tuple(sections), left_out


def _sentences(found: Sequence[Obstacle], signature: Signature | None, language: Language) -> Iterator[str]:
    """What page one says about obstacles, one sentence for each kind."""
    told = [one for one in found if one.kind is not Kind.FIRM or signature is None]
    yield from (language.pick(Bilingual(f"{one.zh}。", f"{one.en}.")) for one in in_words(told))
    if signature and signature.reason:
        yield language.say(f"说明:{signature.reason}", f"Reason: {language.words(signature.reason)}")


def table_in(language: Language, table: Table) -> Table:
    """A table whose values are in the language."""
    return replace(
        table,
        rows=tuple(tuple(language.cell(value) for value in row) for row in table.rows),
        missing=tuple(language.words(value) for value in table.missing),
    )


def _missing(table: Table, language: Language) -> str:
    texts = language.comma.join(table.missing)
    return (
        " ".join(texts.split())
        if table.missing_label is None
        else language.pick(Bilingual(f"{table.missing_label.zh}:{texts}。", f"{table.missing_label.en}: {texts}."))
    )


def _cited(texts: Sequence[Text]) -> tuple[str, ...]:
    """The figures printed, in the order of the text."""
    return tuple(dict.fromkeys(piece.figure for text in texts for piece in text.pieces if isinstance(piece, Citation)))


def _notes(
    printed: Sequence[str],
    figures: Mapping[str, Figure],
    broken: Mapping[str, Sequence[Broken]],
    adjusted: Sequence[Adjustment],
    language: Language,
) -> tuple[Note, ...]:
    """The notes beside the printed figures: adjustments, contradictions, origins of denominators, carried and missing data, intervals."""
    touched: dict[str, list[str]] = {}
    for name in printed:
        figure = figures[name]
        texts = [
            Bilingual(
                f"口径调整:“{figure.name_zh}”按{one.value_text}掌握。{one.reason}(提出:{one.proposer};批准:{one.approver})",
                f'Adjusted: "{figure.name}" is to be read as {one.value_text}. {one.reason} (by {one.proposer} and {one.approver})',
            )
            for one in adjusted
            if one.figure == name
        ]
        texts += [one.text for one in broken.get(name, ())]
        if figure.bridge:
            texts.append(figure.bridge)
        if figure.carried_rows:
            n_rows = figure.carried_rows
            carried = f'{n_rows} rows of "{figure.name}" are carried from earlier days.'
            texts.append(Bilingual(f"“{figure.name_zh}”中有{n_rows}行沿用前几日的数据。", carried))
        texts += figure.gaps
        said = figure.interval.text if figure.interval else None
        # The annex has the intervals of all; a footnote those of money and of rates of those who report.
        if said and said != EITHER_WAY and figure.unit in {"元", "1"}:
            texts.append(Bilingual(f"“{figure.name_zh}”{said.zh}。", f'"{figure.name}": {said.en}.'))
        for text in texts:
            touched.setdefault(_full_stop(language.pick(text)), []).append(name)
    return tuple(Note(number, text, tuple(names)) for number, (text, names) in enumerate(touched.items(), 1))


def _full_stop(text: str) -> str:
    """A note as a sentence. It ends in the stop of its language, which it may have."""
    if text.endswith(("。", ".", "”", ")")):
        return text
    return f"{text}。" if not text.isascii() else f"{text}."


def charts_of(evaluator: Evaluator, template: Template, language: Language) -> tuple[Chart, ...]:
    """The figures over time that the template draws, up to the day of the evaluator, or to the last day of which anything was reported."""
    with asof.session_at(evaluator.moment.connection, None, evaluator.moment.known_at):
        query = "SELECT MIN(report_date), MAX(report_date) FROM asof.part WHERE report_date <= %s"
        [(first, last)] = evaluator.moment.connection.execute(query, (evaluator.moment.as_of,)).fetchall()
    days = list(time.each_day(max(first, last - CHARTED), last)) if first else []
    charts: list[Chart] = []
    for drawing in template.drawings:
        curves: list[Curve] = []
        for name in drawing.figures:
            definition = evaluator.moment.definitions[name]
            try:
                values = series(evaluator, definition, days)
            except ConfigurationError as fault:
                LOG.error("%s", fault)
                continue
            points = tuple((day, value) for day, value in zip(days, values, strict=True) if value is not None)
            curves.append(Curve(name, language.pick(Bilingual(definition.name_zh, definition.name)), points))
        charts.append(Chart(language.pick(drawing.title), drawing.unit, tuple(curve for curve in curves if curve.points)))
    return tuple(chart for chart in charts if chart.curves)
