"""What members of keys are called where a mart is browsed."""

from __future__ import annotations

from datetime import date

from fugong.analysis.browse import MemberNames, Rows, as_series
from fugong.analysis.formats import Column
from fugong.core.bilingual import Bilingual
from fugong.core.settings import PROJECT
from fugong.core.vocabulary import Lang
from fugong.marts.sql_files import load_sql_files

MART = load_sql_files(PROJECT / "include" / "sql").mart("resumption_daily")
NAMES = MemberNames(
    {
        ("scope", "industry"): Bilingual("工业", "Industry"),
        ("dimension", "industry"): Bilingual("行业", "By industry"),
        ("dimension", "size"): Bilingual("规模", "By size"),
        ("industry_section", "S"): Bilingual("公共管理", "Public administration"),
        ("size_class", "S"): Bilingual("小", "small"),
        ("township", "Z01"): Bilingual("东镇", "East"),
    },
    {"member": {"S": "公共管理", "01": "东镇"}},
)


def test_a_code_is_named_by_its_key_and_its_dimension() -> None:
    assert NAMES.name("scope", "industry").zh == "工业"
    assert NAMES.name("dimension", "industry").zh == "行业"
    assert NAMES.name("member", "S", "size").zh == "小"
    assert NAMES.name("member", "S", "industry").en == "Public administration"
    assert NAMES.name("member", "01", "township").en == "East"  # by the Chinese name that the head of the mart points to
    assert NAMES.name("member", "9", "township") == Bilingual("9", "9")


def test_rows_and_lines_of_a_chart_have_names_of_members_alone() -> None:
    columns = [Column(name, kind, Bilingual("列", "Column")) for name, kind in (
        ("as_of", "date"), ("scope", "text"), ("dimension", "text"), ("member", "text"), ("n_should", "int8")
    )]  # fmt: skip
    days = (date(2020, 3, 17), date(2020, 3, 18))
    found = [(day, "industry", of, "S", n) for day in days for of, n in (("industry", 1), ("size", 2))]
    rows = Rows(MART.name, columns, found, 0, False)
    named = NAMES.named(rows, MART)
    assert [[one.zh if isinstance(one, Bilingual) else one for one in row] for row in named[:2]] == [
        [days[0], "工业", "行业", "公共管理", 1],
        [days[0], "工业", "规模", "小", 2],
    ]
    drawn = as_series(rows, MART, "n_should", NAMES, Lang.EN)
    assert drawn.values == {"By industry": [1, 1], "By size": [2, 2]}
