"""The board: the headline figures of a day, the charts and the tables of page one, without the sentences of a briefing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import psycopg

from fugong.briefing import annex
from fugong.briefing.adjustment import Adjustment, adjustments
from fugong.briefing.annex import Table
from fugong.briefing.document import charts_of, table_in
from fugong.briefing.language import language_of
from fugong.briefing.tables import Chart
from fugong.briefing.wording import load_template
from fugong.core.vocabulary import Lang
from fugong.figures.evaluate import open_evaluator
from fugong.figures.figure import Figure, describe, rule_warnings


@dataclass(frozen=True)
class Board:
    """What a leader looks at first.

    Attributes:
        headlines: the figures of the briefing's lead, then those whose jumps have to be explained.
        front: the tables of page one.
        annex: the tables about the data: who was late, what was carried.
        adjusted: adjustments of the headlines.
    """

    as_of: date
    known_at: datetime
    headlines: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    front: tuple[Table, ...]
    annex: tuple[Table, ...]
    adjusted: Mapping[str, Sequence[Adjustment]]


def compose_board(
    connection: psycopg.Connection, include: Path, as_of: date, known_at: datetime | None = None, *, lang: Lang = Lang.ZH
) -> Board:
    """Compose the board of a day.

    Args:
        known_at: the moment of knowledge; None for now.

    Raises:
        ConfigurationError: the template, a figure or a table cannot be evaluated.
    """
    template = load_template(include)
    with open_evaluator(connection, include, as_of, known_at) as opened:
        evaluator = opened.naming(template.absent(opened.moment.definitions))
        definitions = evaluator.moment.definitions
        language = language_of(include, lang)
        charts = charts_of(evaluator, template, language)
        lead = [name for sentence in template.lead.sentences for name in sentence.prints]
        wanted = [
            name
            for name in dict.fromkeys([*lead, *template.bounds.jumps])
            if definitions[name].display.kind not in {"day", "month_day", "date"}
        ]
        broken = rule_warnings(evaluator, [definitions[name] for name in wanted])
        found = {name: describe(evaluator, definitions[name], broken.get(name, ()), is_coded=False) for name in wanted}
        moment = known_at or evaluator.moment.known_at
        front, behind = (
            tuple(
                table_in(language, one)
                for one in annex.read_tables(evaluator, annex.annex_files(include, folder), moment)
                if one.rows or one.fault
            )
            for folder in ("front", "annex")
        )
        counted = adjustments(connection, as_of, known_at)
        return Board(
            as_of,
            moment,
            tuple(language.figure(definitions[name], one) for name, one in found.items()),
            charts,
            front,
            behind,
            {name: tuple(one for one in counted if one.figure == name) for name in wanted},
        )
