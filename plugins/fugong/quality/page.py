"""Composes the page of a month: nine dimensions of quality, each with what is measured and what is not.

The nine are those of the National Statistics Quality Assurance Framework (国家统计质量保证框架, 2021): 真实性、准确性、完整性、及时性、
适用性、经济性、可比性、协调性、可获得性. The framework names them; what measures them here is the choice of decision 76.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import psycopg

from fugong.contracts.accepted import known_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.errors import NotFoundError
from fugong.core.settings import Settings
from fugong.core.time import month_of
from fugong.figures.moment import open_moment
from fugong.lineage.revisions import revisions
from fugong.quality.figures import Figures
from fugong.quality.measure import Dimension, Page, Span
from fugong.quality.reports import Reports
from fugong.quality.rules import Rules


def compose(
    settings: Settings,
    connection: psycopg.Connection,
    month: date,
    known_at: datetime | None = None,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Page:
    """The page of a month.

    Args:
        month: any day of the month.
        known_at: the moment of knowledge; None for now, which is that of the last settlement.
        on_progress: called with (days of knowledge done, all of them), while revisions are computed.

    Raises:
        NotFoundError: no report is about the month.
        ConfigurationError: a figure or a check cannot be evaluated.
    """
    contracts = known_contracts(connection, settings.include / "contracts")
    first = month_of(month)
    last = month_of(first + timedelta(31)) - timedelta(1)
    row = connection.execute(
        "SELECT MIN(report_date), MAX(report_date) FROM intake.part WHERE report_date BETWEEN %s AND %s", (first, last)
    ).fetchone()
    if row is None or row[0] is None:
        raise NotFoundError(f"{first:%Y-%m} 没有报表 | no report is about {first:%Y-%m}")
    with open_moment(connection, settings.include, row[1], known_at) as moment:
        span = Span(row[0], row[1], moment.known_at)
    record = revisions(connection, settings.include, (span.first, span.last), known_at, on_progress=on_progress)
    reports = Reports(connection, contracts, span)
    figures = Figures(connection, settings.include, span, record)
    rules = Rules(connection, settings, span, known_at)
    return Page(first, span.first, span.last, span.known_at, _dimensions(reports, figures, rules))


def _dimensions(reports: Reports, figures: Figures, rules: Rules) -> tuple[Dimension, ...]:
    return (
        Dimension(
            "authenticity",
            Bilingual("真实性", "Authenticity"),
            Bilingual("数是不是部门报来的那个数?", "Is the number the one that the department sent?"),
            [*rules.authenticity, *figures.authenticity, *reports.authenticity],
            [
                Bilingual(
                    "部门报来的是否就是企业的实情:没有实地核查的记录",
                    "Whether firms are as departments say: no visits are recorded",
                ),
            ],
        ),
        Dimension(
            "accuracy",
            Bilingual("准确性", "Accuracy"),
            Bilingual("先知道的数离后来的数有多远?", "How far is the first value from the later one?"),
            [*figures.accuracy, *reports.accuracy],
            [
                Bilingual(
                    "与真值的差:修订只比较先后两次所知,没有更正的错误看不见",
                    "The distance from the truth: revisions compare two states of knowledge, and an error that nobody corrects is unseen",
                ),
            ],
            [figures.most_moved],
        ),
        Dimension(
            "completeness",
            Bilingual("完整性", "Completeness"),
            Bilingual("该有的都有了吗?", "Is everything there that should be?"),
            [*reports.completeness, *figures.completeness],
            [Bilingual("名录之外的企业", "Firms that no register lists")],
        ),
        Dimension(
            "timeliness",
            Bilingual("及时性", "Timeliness"),
            Bilingual("到得及时吗?", "Did it come in time?"),
            [*reports.timeliness],
            [Bilingual("从事情发生到部门得知的时间", "The time from the event until the department learnt of it")],
            [reports.by_department],
        ),
        Dimension(
            "usability",
            Bilingual("适用性", "Usability"),
            Bilingual("算出来的数有人用吗?", "Is what is computed used?"),
            [*figures.usability],
            [Bilingual("读者要什么、满意与否:没有调查", "What readers want, and whether they are content: nobody asked them")],
        ),
        Dimension(
            "economy",
            Bilingual("经济性", "Economy"),
            Bilingual("花了多少工夫?", "How much work did it take?"),
            [*reports.economy],
            [
                Bilingual(
                    "部门填报和修改的工时,以及费用", "The hours that departments spend on filling in and mending, and the money"
                )
            ],
        ),
        Dimension(
            "comparability",
            Bilingual("可比性", "Comparability"),
            Bilingual("前后两天是按同一规则算的吗?", "Are two days computed by the same rules?"),
            [*rules.comparability],
            [
                Bilingual(
                    "指标定义和汇总语句的变动:版本在 Git 里,仓库不留历史;与其他区的可比",
                    "Changes of definitions and of marts: their history is in Git and not in the warehouse; comparison with other districts",
                ),
            ],
        ),
        Dimension(
            "coherence",
            Bilingual("协调性", "Coherence"),
            Bilingual("各张报表说的是一回事吗?", "Do the reports agree?"),
            [*rules.coherence],
            [Bilingual("与上级或国家统计数字是否衔接", "Agreement with figures of the city, the province or the state")],
            [rules.by_check],
        ),
        Dimension(
            "accessibility",
            Bilingual("可获得性", "Accessibility"),
            Bilingual("该看到的人看得到吗?", "Can those see it who should?"),
            [*figures.accessibility],
            [Bilingual("谁读了简报、下载了汇总:不记录", "Who read the briefing or exported marts: that is not recorded")],
        ),
    )
