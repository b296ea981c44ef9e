"""Whether a number is surely a figure: figures of a district of its own, so that nothing leans on ours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from fugong.audit.find_quantities import find_quantities
from fugong.audit.judging import Origin, Status, judge, origin_of, repeated
from fugong.audit.matching import Candidate, match, read_phrase
from fugong.audit.positions import Positions
from fugong.audit.text import read_text
from fugong.audit.words import Kind, Words
from fugong.core.bilingual import Bilingual
from fugong.figures.figure import Figure

DAY = date(2020, 3, 18)
FIGURES = [
    ("mill", "磨坊开磨率", "1", Decimal("0.9"), ["磨坊 开磨率|开磨 -到岗"]),
    ("boats", "渡船数", "条", Decimal(34), ["渡船|船只"]),
    ("loans", "借粮", "吨", Decimal(215), ["借粮"]),
    ("tolls", "过桥费", "元", Decimal(30000), ["过桥费"]),
    ("checks", "每天查船次数上限", "次", Decimal(1), ["查船 每天|一天"]),
    ("days", "每周巡河天数", "天", Decimal(2), ["巡河 每周"]),
    ("deposit", "押金下限", "1", Decimal("0.2"), ["押金 不低于|下限|比例"]),
    ("free", "免租月数", "月", Decimal(2), ["租金 免"]),
    ("half", "减半月数", "月", Decimal(3), ["租金 减"]),
]
KNOWN = {name: Figure(name, name, name_zh, DAY, None, value, unit, "") for name, name_zh, unit, value, _ in FIGURES}
CANDIDATES = {
    name: Candidate(name, name_zh, unit, tuple(map(read_phrase, phrases))) for name, name_zh, unit, _, phrases in FIGURES
}

WORDS = Words(
    (
        Kind(Bilingual("某一处", "one place"), ("镇",), names_projects=True),
        Kind(Bilingual("某一类单位", "one kind of unit"), ("民营",)),
        Kind(Bilingual("另一级", "another level"), ("全省",)),
    ),
    ("截至", "每天", "比例", "不低于", "不超过", "最多", "收", "的"),
    ("海外",),
)


def judged(typed: str) -> dict[str, tuple[str, str]]:
    text = read_text(typed)
    quantities = find_quantities(text.plain, DAY.year)
    positions = Positions(text, quantities)
    matches = match(text, quantities, list(CANDIDATES.values()))
    verdicts, _ = judge(positions, matches, CANDIDATES, KNOWN, DAY, WORDS)
    return {
        quantities[one.quantity].text: (one.figure, verdict.status.value) for one, verdict in zip(matches, verdicts, strict=True)
    }


@pytest.mark.parametrize(
    ("text", "number", "figure", "status"),
    [
        ("渡船34条。", "34条", "boats", Status.EQUAL),
        ("渡船43条。", "43条", "boats", Status.DIFFERENT),
        ("每天查船最多一次。", "一次", "checks", Status.EQUAL),
        ("每天查船最多两次。", "两次", "checks", Status.DIFFERENT),
        ("每周巡河不少于2天。", "2天", "days", Status.EQUAL),
        ("每周巡河不少于1天。", "1天", "days", Status.DIFFERENT),
        ("押金比例不低于20%。", "20%", "deposit", Status.EQUAL),
        ("押金比例不超过20%。", "20%", "deposit", Status.DIFFERENT),
        ("租金实行“两免三减”。", "两", "free", Status.EQUAL),
        ("租金实行“三免两减”。", "三", "free", Status.DIFFERENT),
        ("2021年渡船34条。", "34条", "boats", Status.DIFFERENT),
        ("2019年渡船43条。", "43条", "boats", Status.MAYBE),
        ("渡船比上月增加43条。", "43条", "boats", Status.MAYBE),
        ("去年渡船43条。", "43条", "boats", Status.MAYBE),
        ("截至2月3日渡船43条。", "43条", "boats", Status.MAYBE),
        ("截至3月18日渡船43条。", "43条", "boats", Status.DIFFERENT),
        ("1-2月渡船43条。", "43条", "boats", Status.MAYBE),
        ("仅剩渡船3条。", "3条", "boats", Status.MAYBE),
        ("全省渡船4300条。", "4300条", "boats", Status.MAYBE),
        ("河东镇渡船12条。", "12条", "boats", Status.MAYBE),
        ("民营渡船12条。", "12条", "boats", Status.MAYBE),
        ("渡船修缮匠作学徒结业43条。", "43条", "boats", Status.MAYBE),
        ("磨坊平均开磨率90%。", "90%", "mill", Status.EQUAL),
    ],
)
def test_different_is_claimed_only_where_subject_scope_and_period_fit(
    text: str, number: str, figure: str, status: Status
) -> None:
    assert judged(text)[number] == (figure, status.value)


def test_a_text_whose_numbers_are_not_ours_is_of_another_place() -> None:
    text = "渡船43条。借粮512吨。收过桥费9万元。押金比例不低于35%。"
    assert {status for _, status in judged(text).values()} == {"maybe"}
    ours = text.replace("43条", "34条").replace("512吨", "215吨").replace("9万元", "3万元")
    assert judged(ours)["35%"] == ("deposit", "different")


def test_one_number_of_a_text_that_names_another_place_is_only_maybe() -> None:
    assert judged("渡船43条。")["43条"] == ("boats", "different")
    assert judged("海外渡船43条。")["43条"] == ("boats", "maybe")
    assert judged("海外渡船43条。借粮215吨。")["43条"] == ("boats", "different")


def test_few_numbers_do_not_tell_whose_text_it_is() -> None:
    assert [origin_of(*counts) for counts in ((3, 6), (0, 3), (1, 3), (0, 2), (3, 7))] == [
        Origin.OURS, Origin.OTHER, Origin.UNKNOWN, Origin.UNKNOWN, Origin.UNKNOWN,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "n_remarks"),
    [
        ("渡船34条。渡船43条。", 1),
        ("渡船34条。河东渡船43条。", 0),
        ("渡船34条。其中渡船新造12条。", 0),
        ("渡船3万条。渡船30000条。", 0),
    ],
)
def test_a_figure_is_given_twice_only_in_the_same_words(text: str, n_remarks: int) -> None:
    plain = read_text(text)
    quantities = find_quantities(plain.plain, DAY.year)
    found = match(plain, quantities, list(CANDIDATES.values()))
    assert len(list(repeated(Positions(plain, quantities), found, KNOWN))) == n_remarks
