"""Measures of figures: how they were revised, how many are known, traced, printed and published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from fugong.analysis.questions import load_sound_questions
from fugong.briefing.wording import FILE, is_printable, load_template
from fugong.core.bilingual import Bilingual
from fugong.figures.evaluate import Evaluator, open_evaluator
from fugong.figures.figure import describe
from fugong.figures.term import MartCells
from fugong.lineage.revisions import FigureRevisions, Record, by_kind
from fugong.lineage.trace import lines_behind
from fugong.marts.sql_files import load_sound_sql_files
from fugong.quality.measure import Measure, Span, Table, count, share

MOST_MOVED = 5
TIMES = Bilingual(" 次", "")


@dataclass(frozen=True)
class LastDay:
    """Figures of the last day.

    Attributes:
        n_defined, n_known: figures, and those of them that have a value.
        n_of_cells: known figures that marts sum.
        n_traced, n_lines: those of them whose lines add up to them, and the lines.
        printable: figures that have something to print.
    """

    n_defined: int
    n_known: int
    n_of_cells: int
    n_traced: int
    n_lines: int
    printable: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """The figures of some days, as known at a moment."""

    connection: psycopg.Connection
    include: Path
    span: Span
    record: Record

    @cached_property
    def last_day(self) -> LastDay:
        """The figures of the last day, with the lines behind them.

        Raises:
            ConfigurationError: the lines behind a figure do not add up to it.
        """
        with open_evaluator(self.connection, self.include, self.span.last, self.span.known_at) as evaluator:
            definitions = evaluator.moment.definitions
            known = [one for one in definitions.values() if evaluator.evaluate(one).value is not None]
            of_cells = [one for one in known if any(isinstance(term, MartCells) for term in one.terms.values())]
            lines = [_lines(evaluator, one.id) for one in of_cells]
            printable = frozenset(one.id for one in known if is_printable(describe(evaluator, one)))
        return LastDay(len(definitions), len(known), len(of_cells), sum(n > 0 for n in lines), sum(lines), printable)

    @property
    def authenticity(self) -> Iterable[Measure]:
        """Whether figures lead back to lines of files."""
        last = self.last_day
        yield share(
            Bilingual("能追到原始行的指标", "Figures that lead back to lines of files"),
            last.n_traced,
            last.n_of_cells,
            Bilingual(
                f"末日的指标,共 {last.n_lines} 行,逐项相加与指标相等;零的背后没有行",
                f"on the last day, {last.n_lines} lines in all, which add up to the figures; behind a zero are none",
            ),
        )

    @property
    def accuracy(self) -> Iterable[Measure]:
        """How figures were revised."""
        steps = self.record.steps
        n_days = sum(len(one.rows) for one in self.record.figures)
        yield share(
            Bilingual("修订过的指标日", "Days of figures that were revised"),
            sum(one.n_revised for one in self.record.figures),
            sum(one.n_known for one in self.record.figures),
            Bilingual("一项指标的一天为一个指标日;到期之后", "one figure of one day, after it was due"),
        )
        shares = by_kind(steps)
        yield count(
            Bilingual("修订", "Revisions"),
            len(steps) if n_days else None,
            Bilingual(
                "、".join(f"{kind.names.zh} {round(n, 1).normalize():f}" for kind, n in shares.items()),
                ", ".join(f"{kind.names.en} {round(n, 1).normalize():f}" for kind, n in shares.items()),
            ),
            unit=TIMES,
        )
        row = self.connection.execute(
            "SELECT COUNT(*) FROM audit.adjustment WHERE as_of BETWEEN %(first)s AND %(last)s AND recorded_at <= %(known_at)s",
            self.span.names,
        ).fetchone()
        yield count(Bilingual("口径调整", "Manual adjustments of figures"), int(row[0]) if row else None)

    @property
    def most_moved(self) -> Table:
        """The figures that were revised by the largest share, or number of points, of their values."""
        moved = sorted((one for one in self.record.figures if one.steps), key=lambda one: -_greatest(one))[:MOST_MOVED]
        return Table(
            Bilingual("修订最大的指标", "Figures that were revised most"),
            (
                Bilingual("指标", "figure"),
                Bilingual("天数", "days"),
                Bilingual("平均(偏差)", "mean (bias)"),
                Bilingual("最大", "greatest"),
            ),
            [
                (
                    Bilingual(f"{one.definition.id} {one.definition.name_zh}", f"{one.definition.id} {one.definition.name}"),
                    str(one.n_revised),
                    _size(one, "bias"),
                    _size(one, "greatest"),
                )
                for one in moved
            ],
        )

    @property
    def completeness(self) -> Iterable[Measure]:
        """How many figures were known."""
        yield share(
            Bilingual("到期时已知的指标日", "Days of figures known when they were due"),
            sum(one.n_known - one.n_known_late for one in self.record.figures),
            sum(len(one.rows) for one in self.record.figures),
            Bilingual("其余当时一无所知,不按零计", "nothing was known of the others then, which is not zero"),
        )
        yield count(
            Bilingual("后来才知道的指标日", "Days of figures that became known later"),
            sum(one.n_known_late for one in self.record.figures),
        )

    @property
    def usability(self) -> Iterable[Measure]:
        """Whether figures are used."""
        last = self.last_day
        has_briefing = (self.include / "briefing" / FILE).exists()
        printed = set(load_template(self.include).printed) if has_briefing else set[str]()
        yield share(
            Bilingual("简报用到的指标", "Figures that the briefing prints"),
            len(printed),
            last.n_defined,
            Bilingual("占已定义的指标", "of those defined"),
        )
        yield share(
            Bilingual("末日可写入简报的", "Of these, with something to print on the last day"),
            len(printed & last.printable),
            len(printed),
            Bilingual("其余未知、未定或不合写入条件", "the others were unknown, open or did not meet their conditions"),
        )
        yield count(
            Bilingual("分析人员可直接问的问题", "Questions that analysts can ask ready-made"),
            len(load_sound_questions(self.include)),
        )

    @property
    def accessibility(self) -> Iterable[Measure]:
        """Who can get at them."""
        rows = self.connection.execute(
            """
            SELECT
                COUNT(DISTINCT published.as_of),
                COUNT(DISTINCT published.as_of) FILTER (WHERE NOT published.is_provisional),
                (
                    SELECT COUNT(*) FROM generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 day') AS day
                    LEFT JOIN ref.calendar AS calendar ON day::date = calendar.date
                    WHERE COALESCE(calendar.is_workday, date_part('isodow', day) < 6)
                )
            FROM audit.published AS published
            WHERE published.as_of BETWEEN %(first)s AND %(last)s AND published.signed_at <= %(known_at)s
            """,
            self.span.names,
        ).fetchall()
        [(n_published, n_signed, n_workdays)] = rows
        yield share(
            Bilingual("发布了简报的日子", "Days with a published briefing"),
            n_published,
            n_workdays,
            Bilingual("与工作日数相比", "beside the number of working days"),
        )
        yield share(Bilingual("其中经签发的", "Of these, signed"), n_signed, n_published)
        n_rows, n_hidden, n_marts = self._open_rows()
        yield share(
            Bilingual("对分析人员隐去的汇总行", "Rows of marts hidden from analysts"),
            n_hidden,
            n_rows,
            Bilingual(f"{n_marts} 张开放的汇总,为不暴露单个企业", f"in {n_marts} open marts, so that no firm shows"),
        )

    def _open_rows(self) -> tuple[int, int, int]:
        """Rows of open marts about the days, those of them that are hidden, and the number of these marts."""
        n_rows = n_hidden = n_marts = 0
        columns = self.connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'open' AND column_name = 'is_suppressed'"
        ).fetchall()
        protected = {row[0] for row in columns}
        for mart in load_sound_sql_files(self.include / "sql").marts:
            if mart.name not in protected:
                continue
            statement = sql.SQL(
                "SELECT COUNT(*), COUNT(*) FILTER (WHERE is_suppressed) FROM {} WHERE {} BETWEEN %(first)s AND %(last)s"
            ).format(sql.Identifier("open", mart.name), sql.Identifier(mart.partition_by))
            row = self.connection.execute(statement, self.span.names).fetchone() or (0, 0)
            n_rows, n_hidden, n_marts = n_rows + row[0], n_hidden + row[1], n_marts + 1
        return n_rows, n_hidden, n_marts


def _lines(evaluator: Evaluator, name: str) -> int:
    return sum(1 for _ in lines_behind(evaluator, evaluator.moment.definitions[name]))


def _greatest(one: FigureRevisions) -> Decimal:
    spread = one.spread if one.is_share else one.relative
    return spread.greatest if spread else Decimal(0)


def _size(one: FigureRevisions, which: str) -> str:
    spread = one.spread if one.is_share else one.relative
    if spread is None:
        return "–"
    size: Decimal = getattr(spread, which)
    return f"{round(size * 100, 2).normalize():f}" + ("pp" if one.is_share else "%")
