"""Suites: judged when loaded, run by Great Expectations block by block; our faults raise, theirs are findings."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.core.errors import ConfigurationError
from fugong.core.vocabulary import Severity
from fugong.validation.checked import FINDINGS
from fugong.validation.suite import Suite, render

META = {
    "message_zh": "第 {row_number} 行“{header}”{value}",
    "message_en": '{cell} "{header}" {value}',
    "advice_zh": "改",
    "advice_en": "mend",
}


def rule(code: str, column: str, condition: str, *others: str, severity: str = "critical", **more: Any) -> dict[str, Any]:
    return {
        "type": "expect_row_to_satisfy",
        "kwargs": {"column_list": [column, *others], "condition": condition, **more},
        "severity": severity,
        "meta": {"code": code} | META,
    }


SIGN = rule("negative", "relief", "relief >= 0")
DAYS = rule("after-report-date", "paid_date", "paid_date <= report_date", "report_date")
DUE = rule("more-than-due", "relief", "relief <= due", "due", severity="warning")
REASON = rule("no-reason", "reason", "resumed == True or reason.notna()", "resumed", missing="judged")
RANGE = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "due", "max_value": 1e8},
    "severity": "critical",
    "meta": {"code": "implausible-size"} | META,
}
COLUMNS = ["uscc", "relief", "due", "paid_date", "resumed", "reason"]

Made = Callable[..., Suite]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(*rules: dict[str, Any], name: str = "suite") -> Suite:
        path = tmp_path / "suite.json"
        path.write_text(json.dumps({"name": name, "expectations": rules}, ensure_ascii=False), encoding="utf-8")
        return Suite.load(path, COLUMNS)

    return make


def block(n: int = 1, **columns: Any) -> pd.DataFrame:
    """Good rows, with the columns given put in their place."""
    frame = pd.DataFrame(
        {
            "uscc": pd.Series(["91410106Y00000016N"] * n, dtype="str"),
            "relief": np.full(n, 50.0),
            "due": np.full(n, 100.0),
            "paid_date": pd.Series([pd.Timestamp("2020-03-17")] * n).astype("datetime64[us]"),
            "resumed": pd.array([True] * n, dtype="boolean"),
            "reason": pd.Series([None] * n, dtype="str"),
            "report_date": pd.Series([pd.Timestamp("2020-03-18")] * n).astype("datetime64[us]"),
            "row_number": np.arange(4, n + 4),
        }
    )
    return frame.assign(**{name: pd.Series(values).astype(frame[name].dtype) for name, values in columns.items()})


def found(suite: Suite, frame: pd.DataFrame) -> list[tuple[int, str, str | None]]:
    return [(item["row"], item["code"], item["value"]) for item in suite.check(frame).findings.to_pylist()]


def test_a_clean_block_has_no_findings(made: Made):
    checked = made(SIGN, DAYS, DUE, REASON, RANGE).check(block(3))
    assert checked.findings.num_rows == 0
    assert checked.findings.schema == FINDINGS
    assert checked.set_aside.tolist() == [False, False, False]


def test_failing_rows_are_told_by_position_line_and_value(made: Made):
    frame = block(4, relief=[50.0, -5.0, None, -0.25], paid_date=["2020-03-17", None, "2020-03-18", "2020-03-19"])
    checked = made(SIGN, DAYS).check(frame)
    assert checked.findings.to_pylist() == [
        {"row": 1, "row_number": 5, "rule": 0, "code": "negative", "severity": "set_aside", "column": "relief", "value": "-5"},
        {"row": 3, "row_number": 7, "rule": 0, "code": "negative", "severity": "set_aside", "column": "relief", "value": "-0.25"},
        {"row": 3, "row_number": 7, "rule": 1, "code": "after-report-date", "severity": "set_aside", "column": "paid_date",
         "value": "2020-03-19"},
    ]  # fmt: skip
    assert checked.set_aside.tolist() == [False, True, False, True]


def test_a_warning_is_told_and_sets_nothing_aside(made: Made):
    checked = made(DUE).check(block(2, relief=[500.0, 1.0]))
    assert [(item["row"], item["severity"]) for item in checked.findings.to_pylist()] == [(0, "warning")]
    assert not checked.set_aside.any()


def test_info_is_not_told(made: Made):
    checked = made({**SIGN, "severity": "info"}).check(block(1, relief=[-1.0]))
    assert checked.findings.num_rows == 0
    assert not checked.set_aside.any()


def test_a_row_where_a_listed_column_is_missing_is_not_judged(made: Made):
    assert found(made(DUE), block(3, relief=[500.0, 500.0, None], due=[None, 1.0, 1.0])) == [(1, "more-than-due", "500")]


def test_a_rule_may_ask_to_judge_missing_values(made: Made):
    frame = block(4, resumed=[True, False, False, None], reason=[None, None, "缺工", None])
    # Unknown whether resumed: the condition is unknown, which is no fault of the row.
    assert found(made(REASON), frame) == [(1, "no-reason", None)]


def test_all_failing_rows_are_named_however_many(made: Made):
    checked = made(SIGN, RANGE).check(block(5_000, relief=[-1.0] * 5_000, due=[1e9] * 5_000))
    assert checked.findings.num_rows == 10_000
    assert checked.findings.column("row").to_pylist() == [*range(5_000)] * 2
    assert checked.set_aside.all()


def test_blocks_are_judged_one_by_one(made: Made):
    suite = made(SIGN, DAYS)
    assert found(suite, block(2, relief=[-1.0, 1.0])) == [(0, "negative", "-1")]
    assert found(suite, block(3)) == []
    assert found(suite, block(3, relief=[1.0, 1.0, -2.0])) == [(2, "negative", "-2")]
    assert found(suite, block(0)) == []


def test_the_index_of_the_frame_does_not_matter(made: Made):
    frame = block(4, relief=[1.0, 1.0, -2.0, 1.0]).iloc[2:]
    assert found(made(SIGN), frame) == [(0, "negative", "-2")]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(-9, 9)), st.one_of(st.none(), st.floats(-9, 9))), min_size=1, max_size=12)
)
def test_what_is_set_aside_is_what_the_rule_says(values: list[tuple[float | None, float | None]]):
    suite = _shared()
    checked = suite.check(block(len(values), relief=[a for a, _ in values], due=[b for _, b in values]))
    assert checked.set_aside.tolist() == [a is not None and b is not None and a > b for a, b in values]


_SHARED: list[Suite] = []


def _shared() -> Suite:
    if not _SHARED:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shared.json"
            path.write_text(json.dumps({"name": "shared", "expectations": [{**DUE, "severity": "critical"}]}), encoding="utf-8")
            _SHARED.append(Suite.load(path))
    return _SHARED[0]


def test_sentences_are_rendered_with_the_value_of_the_row(made: Made):
    suite = made(SIGN)
    assert suite.rules[0].rule.severity is Severity.SET_ASIDE
    assert render(suite.rules[0], "减免额", "-5", 45, "F45") == ("第 45 行“减免额”-5", 'F45 "减免额" -5')
    assert render(suite.rules[0], "减免额", None, 45) == ("第 45 行“减免额”", ' "减免额" ')


def _without(name: str) -> dict[str, Any]:
    return {**SIGN, "meta": {key: value for key, value in SIGN["meta"].items() if key != name}}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (_without("message_zh"), "needs the key 'message_zh'"),
        (_without("code"), "needs the key 'code'"),
        ({**SIGN, "severity": "fatal"}, "severity"),
        ({**SIGN, "meta": {**SIGN["meta"], "column": "no_such"}}, "no column no_such"),
        ({**SIGN, "meta": {**SIGN["meta"], "message_zh": "{colour}"}}, "colour"),
        (rule("x", "no_such", "no_such > 0"), "no column no_such"),
        (rule("x", "relief", "relief <= due"), "names due"),
        (rule("x", "relief", "relief <="), "cannot be read"),
        ({"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}, "severity": "critical", "meta": SIGN["meta"]}, "no column"),
    ],
)  # fmt: skip
def test_a_wrong_suite_is_refused_when_loaded(made: Made, wrong: dict[str, Any], said: str):
    with pytest.raises(ConfigurationError, match=said):
        made(wrong)


def test_a_suite_that_is_missing_misnamed_or_says_one_thing_twice_is_refused(made: Made, tmp_path: Path):
    with pytest.raises(ConfigurationError, match="No such file"):
        Suite.load(tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match="its name is 'other'"):
        made(SIGN, name="other")
    with pytest.raises(ConfigurationError, match="given twice for relief"):
        made(SIGN, SIGN)


@pytest.mark.parametrize(
    "wrong",
    [
        rule("x", "reason", "reason > due", "due"),
        rule("x", "relief", "relief.no_such()"),
        rule("x", "relief", "relief + 1"),
        rule("x", "relief", "relief.max() > 0"),
        {"type": "expect_no_such_thing", "kwargs": {"column": "due"}, "severity": "critical", "meta": SIGN["meta"]},
        {**RANGE, "kwargs": {"column": "due", "max_value": "much"}},
        {**RANGE, "kwargs": {"column": "uscc", "max_value": 1}},
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_our_fault_and_never_a_finding(made: Made, wrong: dict[str, Any]):
    suite = made(SIGN, {**wrong, "meta": {**wrong["meta"], "code": "broken"}})
    with pytest.raises(ConfigurationError, match=r"broken \(\w+\)(:| cannot be evaluated)"):
        suite.check(block(2, reason=["缺工", "物流"]))


def test_a_frame_without_a_column_of_the_rules_is_our_fault(made: Made):
    with pytest.raises(ConfigurationError, match="lacks paid_date"):
        made(DAYS).check(block(1).drop(columns="paid_date"))


def test_loading_a_suite_imports_no_great_expectations(tmp_path: Path):
    (tmp_path / "one.json").write_text(json.dumps({"name": "one", "expectations": [SIGN]}), encoding="utf-8")
    code = (
        "import sys, pathlib; from fugong.validation.suite import Suite; Suite.load(pathlib.Path(sys.argv[1]));"
        "print([name for name in ('great_expectations', 'pandas') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path / "one.json")], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_checking_prints_and_logs_nothing(made: Made, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture):
    suite = made(SIGN, DAYS)
    with caplog.at_level("INFO"):
        suite.check(block(2, relief=[-1.0, 1.0]))
    assert [record for record in caplog.records if record.name.startswith("great_expectations")] == []
    assert capfd.readouterr() == ("", "")


def test_blocks_checked_by_one_suite_are_judged_as_by_a_new_one_each(made: Made) -> None:
    """What Great Expectations builds for the first block serves the others; nothing of a block's values may stay in it."""
    blocks = [
        block(3),
        block(2, relief=[-1.0, 50.0]),
        block(4, due=[1e9, 100.0, 100.0, 2e9]),
        block(1),
        block(2, relief=[200.0, -5.0], reason=["a", None]),
        block(5, relief=[50.0, 50.0, 50.0, 50.0, -1.0]),
    ]
    kept = made(SIGN, DAYS, DUE, REASON, RANGE)
    for frame in blocks:
        mine, new = kept.check(frame), made(SIGN, DAYS, DUE, REASON, RANGE).check(frame)
        assert mine.set_aside.tolist() == new.set_aside.tolist()
        assert mine.findings.to_pylist() == new.findings.to_pylist()
    assert any(kept.check(frame).set_aside.any() for frame in blocks)
