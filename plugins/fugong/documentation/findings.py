"""The page of findings: every code that a sender may read, with what it means, an example and the advice, in Chinese and English.

Made from the catalogue and the suites alone.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fugong.contracts.code_list import CodeList, load_code_lists
from fugong.contracts.contract import Table
from fugong.contracts.load import load_contracts
from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import Severity
from fugong.documentation.dictionary import grid
from fugong.findings.catalogue import CATALOGUE
from fugong.findings.finding import FindingType
from fugong.validation.localisation.examine import examine
from fugong.validation.suite import Suite, SuiteRule, render

OPEN = "…"
"""Stands in a sentence for what differs from case to case."""

GIVEN: Mapping[str, str] = {
    "header": "减免税额", "value": "约3500", "sheet": "Sheet1", "cell": "F45", "report": "R04 税费减免退日报", "reports": "R04 税费减免退日报",
    "senders": "区工业和信息化局", "department": "税务局", "columns": "凭证号、统一社会信用代码", "id": "tax_relief", "near": "有一列“减免性制代码”,是否写错?",
    "near_en": 'There is "减免性制代码": misspelt?', "line": "3", "offset": "214", "encoding": "gb18030", "seconds": "30", "n": "3",
    "names": "甲.xlsx、乙.xlsx、丙.xlsx", "name": "../甲.xlsx", "longest": "200", "codes": "减、免、退、缓", "known": " 91410106Y00000016N",
    "found": "PDF", "found_zh": "30,000", "found_en": "30,000", "limit_zh": "16,384", "limit_en": "16,384", "what_zh": "列数", "what_en": "Number of columns",
    "kept": "58", "before": "118", "what": "企业", "why_zh": "条目互相重叠", "why_en": "entries overlap", "expected": "N", "after": "3500",
    "example": "D00001",
}  # fmt: skip
"""The details that fill the examples, unless `OWN` has others for a code."""

OWN: Mapping[str, Mapping[str, str]] = {
    "a-folder": {"value": "3月18日"},
    "no-permission": {"value": "20200318_R04_TAX_V1.xlsx"},
    "unknown-report": {"value": "会议通知.xlsx"},
    "ambiguous-report": {"value": "R05、R06合并.xlsx", "reports": "R05 社保费减免、R06 稳岗返还"},
    "wrong-department": {"value": "20200318_R01.xlsx", "report": "R01 规上工业复工复产日报"},
    "two-report-dates": {"value": "20200318、2020年3月17日"},
    "range-of-days": {"value": "3月16、18日"},
    "mark-not-taken": {"value": "规上工业复工复产日报(待更正)"},
    "version-not-read": {"value": "修订版"},
    "impossible-date": {"value": "20200230"},
    "future-date": {"value": "20210318"},
    "missing-column": {"header": "减免性质代码"},
    "missing-sheet": {"value": "供电账单"},
    "too-many-faults": {"value": "100,000"},
    "fewer-keys": {"what_en": "firms"},
    "changed-rows": {"value": "2"},
    "nothing-to-withdraw": {"value": "2020-03-18"},
    "repair-too-late": {"value": "17"},
    "mended-before": {"value": "17"},
    "unknown-submission": {"value": "17"},
    "several-receipts": {"value": "17、18"},
    "nothing-changed": {"value": "17"},
    "both-changed": {"value": "17", "names": "“Sheet1”"},
    "unreadable-cell": {"header": "业务日期", "value": "2020年2月30日"},
    "not-a-table": {"found_zh": "PDF 文档"},
    "drm-encrypted": {"program_zh": "亿赛通 E-SafeNet", "program_en": "E-SafeNet"},
    "table-of-another-program": {
        "kind_zh": "数据库表 .dbf",
        "kind_en": "database table, .dbf",
        "program_zh": "Excel 或 WPS",
        "program_en": "Excel or WPS",
    },
    "several-days": {"header": "业务日期", "value": "3月16-18日"},
    "date-for-number": {"value": "1900-03-21", "number": "81"},
    "date-for-key": {"header": "期次", "value": "2020-01-01"},
    "digits-lost": {"header": "凭证号", "value": "3.41016E+17"},
    "doubtful-share": {"header": "年利率", "value": "0.0435", "one": "4.35%", "other": "0.0435%"},
    "share-scale": {"header": "年利率", "value": "0.0435", "after": "4.35%"},
    "small-percent": {"header": "产能恢复率", "value": "0.5", "after": "0.5%"},
    "share-scale-doubt": {"header": "产能恢复率", "value": "0.85"},
    "prefilled-lines": {"value": "5", "last": "27"},
    "archive-of-another-program": {"kind": "RAR"},
    "number-format-scales": {"shown": "5", "value": "5000", "format": "#,##0,"},
    "formula-not-computed": {"header": "减免税额", "value": "=J3*0.01"},
    "formula-without-value": {"first": "K3", "n": "12"},
    "number-format-rounds": {"header": "计税依据", "shown": "13", "value": "12.5", "format": "0", "n": "3"},
    "number-cut-in-two": {"before": "1", "after": "234", "value": "D1,91410106Y00000016N,1,234"},
    "number-format-differs": {"value": "12", "format": '0"0000"'},
    "number-format-unit": {"value": "12.5", "format": '0.00"元"', "shown": "12.5元", "unit": "万元"},
    "number-format-hides": {"value": "5000", "format": ";;;"},
    "far-cell": {"cell": "XFD1048576"},
    "too-much-memory": {"limit_zh": "512 MB", "limit_en": "512 MB"},
    "hidden-columns": {"columns": "C、F–H"},
    "others-in-archive": {"names": "说明.docx"},
    "personal-data": {"header": "备注", "value": "138****5678", "kind_zh": "手机号", "kind_en": "a mobile number", "days": "7"},
    "personal-contact": {"where": "标题", "where_en": "a title", "value": "138****5678", "days": "7"},
    "no-table": {"seen": "看到的是:企业名称、金额。", "seen_en": "It has: 企业名称、金额.", "near": "", "near_en": ""},
    "unit-between": {"value": "B30“单位:万元”"},
    "column-twice": {"header": "到岗人数", "value": "J1“到岗人数”、K1“返岗人数”", "line": "3"},
    "two-units": {"what": "“减免税额”", "what_en": '"减免税额"', "value": "K2“单位:元”、K3“万元”"},
    "unknown-unit": {"what": "这张表", "what_en": "this table", "value": "K2“单位:美元”"},
    "other-period": {"line": "12", "value": "二、上月情况", "day": "2020-03-18"},
    "later-header": {"line": "7", "why": "缺少“统一社会信用代码”", "why_en": 'it lacks "统一社会信用代码"'},
    "sheet-without-header": {"value": "“矿山街道”", "other": "峡窝镇"},
    "table-beside": {"cell": "P1", "value": "规上工业复工复产"},
    "sheet-not-taken": {"value": "“Sheet2”", "other": "Sheet1"},
    "from-sheet-name": {"header": "所属镇办", "after": "峡窝镇"},
    "sheet-name-differs": {"header": "所属镇办", "value": "矿山街道", "after": "峡窝镇"},
    "several-sheets": {"value": "“Sheet1”、“Sheet2”"},
    "cell-beside-row": {"line": "5", "cell": "P5", "value": "3800", "more": "", "more_en": ""},
    "beside-the-table": {"cell": "P1", "value": "税种、户数"},
    "header-repaired": {"value": "统一社会信用代马", "after": "统一社会信用代码"},
    "control-subtotal": {"header": "到岗人数", "value": "250", "expected": "255"},
    "no-value": {"header": "计税依据", "value": "—"},
    "as-above": {"header": "计税依据", "value": "同上"},
    "error-cell": {"value": "#REF!"},
    "merged-number": {"value": "100000"},
    "text-too-long": {"header": "凭证号", "value": "长长长……"},
    "ambiguous-date": {"header": "业务日期", "value": "3.1"},
    "zero-date": {"header": "业务日期", "value": "0"},
    "uscc-organisation-code": {"header": "统一社会信用代码", "value": "Y00000016"},
    "taken-as-empty": {"value": "—"},
    "as-above-filled": {"header": "所属镇办", "value": "同上", "after": "峡窝镇"},
    "unseen-characters": {"header": "征收项目", "value": "增值税", "after": "增值税"},
    "not-a-whole-number": {"header": "到岗人数", "value": "80.5"},
    "number-too-large": {"value": "1E+27"},
    "not-a-date": {"header": "业务日期", "value": "2020年2月30日"},
    "not-a-month": {"header": "费款所属月", "value": "2020-13"},
    "unknown-code": {"header": "优惠类型", "value": "奖"},
    "duplicate-key": {"header": "凭证号", "value": "D00001"},
    "written-over-example": {"value": "示例:D00001"},
    "stray-line": {"value": "见附件"},
    "doubtful-total": {"header": "险种", "value": "合计"},
    "unreadable-optional": {"header": "产能恢复率", "value": "基本恢复"},
    "extra-column": {"value": "经办科室", "near": "", "near_en": ""},
    "control-total": {"value": "2000", "expected": "3000"},
    "stale-copy": {"value": "2020-03-17"},
    "nothing-answered": {"value": "回复.xlsx"},
    "no-answer-taken": {"value": "2"},
    "answer-of-nobody": {"value": "题号 17"},
    "answer-unclear": {"value": "看情况"},
    "answer-without-reason": {"value": "属实"},
    "answer-too-long": {"value": "231", "most": "200"},
    "answer-stale": {"value": "150", "now": ",现在是“160”", "now_en": ', and is "160" now'},
    "answer-not-mended": {"value": "150"},
    "number-repaired": {"value": "3，500", "after": "3500"},
    "date-repaired": {"header": "业务日期", "value": "3月17日", "after": "2020-03-17"},
    "uscc-scientific": {"header": "统一社会信用代码", "value": "9.14101E+17"},
    "uscc-old-number": {"header": "统一社会信用代码", "value": "410106000000013"},
    "uscc-malformed": {"header": "统一社会信用代码", "value": "91410106Y0000001", "length": "16"},
    "uscc-check-digit": {"header": "统一社会信用代码", "value": "91410106Y00000016M"},
    "uscc-inner-check": {"header": "统一社会信用代码", "value": "91410106Y00000025H"},
    "uscc-from-account": {"header": "统一社会信用代码", "value": "91410106Y00000016N"},
    "uscc-unknown": {"header": "统一社会信用代码"},
    "uscc-repaired": {"header": "统一社会信用代码", "value": "91410106y00000016n", "after": "91410106Y00000016N"},
}


def markdown(include: Path, expectations: Path) -> str:
    """The page as Markdown."""
    lines = [
        "# 问题目录 | Findings",
        "",
        "回执、JSON 与 `intake.finding` 中的每个代码;“…”处随情况而变。由问题目录和各报表的规则生成(`make docs`),请勿手改。",
        "",
        "Every code of receipts, JSON and `intake.finding`; what differs from case to case is written “…”. Made from the catalogue and the",
        "suites (`make docs`): do not edit.",
        "",
        "## 通用 | Of any report",
        "",
    ]
    for severity in Severity:
        lines += [f"### {severity.zh} | {severity.en.capitalize()}", ""]
        lines += _table(_entry(kind) for kind in CATALOGUE.values() if Severity(kind.severity) is severity)
    lines += ["## 各报表的规则 | Of single reports", ""]
    code_lists = load_code_lists(include / "reference" / "code_list.csv")
    for contract in load_contracts(include / "contracts"):
        for table in contract.tables:
            lines += [f"### {contract.report} {table.title} | `{table.name}`", ""]
            lines += _table(_suite_entries(table, code_lists, expectations / f"{table.name}.json"))
    return "\n".join(lines).rstrip() + "\n"


Entry = Sequence[str]
"""A row of the page: code, meaning, example, advice."""


def _table(entries: Iterable[Entry]) -> list[str]:
    return grid(("代码 code", "意思 meaning", "例 example", "怎么办 advice"), entries)


def _entry(kind: FindingType) -> Entry:
    given = {**GIVEN, **OWN.get(kind.code, {})}
    meaning, example = _both(_fill(kind.zh), _fill(kind.en)), _both(_fill(kind.zh, given), _fill(kind.en, given))
    return (
        f"`{kind.code}`",
        meaning,
        example if example != meaning else "",
        _both(_fill(kind.advice_zh, given), _fill(kind.advice_en, given)),
    )


def _suite_entries(table: Table, code_lists: Mapping[str, CodeList], path: Path) -> Iterator[Entry]:
    suite = Suite.load(path, table.by_name)
    written = json.loads(path.read_text(encoding="utf-8"))["expectations"]
    smallest = examine(suite, table, code_lists).smallest
    for rule, item in zip(suite.rules, written, strict=True):
        if not rule.is_reported:
            continue
        header = table.by_name[rule.column].header if rule.column in table.by_name else rule.column
        bad = item["meta"].get("bad") or smallest[f"{rule.rule.code} {rule.column}"]
        zh, en = render(rule, header, _bad_value(rule, bad, table, code_lists), 45, "F45")
        yield (
            f"`{rule.rule.code}`<br>{header}<br>{Severity(rule.rule.severity).zh}",
            _both(_fill(rule.rule.zh), _fill(rule.rule.en)),
            _both(zh, en),
            _both(rule.rule.advice_zh, rule.rule.advice_en),
        )


def _bad_value(rule: SuiteRule, bad: Mapping[str, Any], table: Table, code_lists: Mapping[str, CodeList]) -> str | None:
    """A bad value of the column that a rule is about, as a sender writes it."""
    value = bad.get(rule.column)
    column = table.by_name.get(rule.column)
    if value is None or column is None or column.code_list is None:
        return None if value is None else str(value)
    return code_lists[column.code_list].name_of("true" if value is True else "false" if value is False else str(value))


def _both(zh: str, en: str) -> str:
    return f"{set_chinese(zh)}<br>{en}" if zh or en else ""


class _Details(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return OPEN


def _fill(template: str, details: Mapping[str, str] | None = None) -> str:
    """A sentence with its details; those that are not given stay open."""
    return string.Formatter().vformat(template, (), _Details(details or {})).strip()
