"""Faults that somebody may write into a district's files, and what is to be said about each.

`python -m tests.configuration.faults` writes the table of docs/configuration.md and of its Chinese twin.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from fugong.cli.new import lay_district
from fugong.configuration.lint import lint
from fugong.core.settings import PROJECT, Settings

CONTRACT = "include/contracts/opening.odcs.yaml"
SUITE = "expectations/opening.json"
MART = "include/sql/marts/opening_daily.sql"
FACT = "include/sql/facts/opening.sql"
FIGURES = "include/briefing/figures/10_opening.yaml"
TOWNSHIPS = "township_code,department_code,name_zh,name_en,kind,aliases,source,version\n01,EXAMPLE,东镇,East,town,,,\n"
PARAMS = (
    "policy_id,clause,doc_no,param,value,unit,valid_from,valid_to,known_from,known_to,region,size_class,industry_include,"
    "industry_exclude,stack_group,eligibility,source_mark\nP1,,,rate,0.5,1,2020-03-01,2020-02-01,2020-02-01,,,,,,,,\n"
)
POLICIES = "policy_id,name_zh,name_en,benefit_class,base_unit,is_computable\nP1,减免,Relief,A,元,true\n"

CHANGED: dict[str, tuple[str, str, str, int, str]] = {
    # file, what stands there, what somebody writes, line, what is said
    "a word of a list misspelt": (CONTRACT, "value: workday", "value: wrokday", 16, "Did you mean 'workday'?"),
    "a key misspelt": (CONTRACT, "property: aliases, value: [编号", "property: aliase, value: [编号", 37, "Did you mean 'aliases'?"),
    "a time that YAML reads as a number": (CONTRACT, '"10:00"', "10:00", 19, "Put it in quotes"),
    "a tab": (CONTRACT, "status: active", "status:\tactive\n\tid: x", 9, "this is not YAML"),
    "half a file": (CONTRACT, "    description: One shop on one day. | 一家商户一天的情况。\n", '    description: "', 70, "this is not YAML"),
    "a unit that nobody knows": (CONTRACT, "value: 人}", "value: 人民}", 68, "'人民' is no unit"),
    "a unit of a text": (CONTRACT, "value: [编号, 商户号]}", "value: [编号]}\n          - {property: unit, value: 元}", 36, "a string has no unit"),
    "a code list that is not there": (CONTRACT, "codeList, value: street", "codeList, value: stret", 52, "Did you mean 'street'?"),
    "a sender that is no department": (CONTRACT, "value: [EXAMPLE]", "value: [EXAMPEL]", 14, "Did you mean 'EXAMPLE'?"),
    "a position in the key that skips": (CONTRACT, "primaryKeyPosition: 1", "primaryKeyPosition: 7", 33, "should be 1"),
    "a column twice": (CONTRACT, "- name: shop_name", "- name: shop_no", 38, "two columns 'shop_no'"),
    "a header of two columns": (CONTRACT, "value: [名称, 店名]", "value: [商户编号, 店名]", 38, "means both shop_no and shop_name"),
    "a weekly report without its weekday": (CONTRACT, "value: workday", "value: weekly", 17, "needs dueWeekday"),
    "a limit that nothing keeps": (
        CONTRACT, "        description: People", "        logicalTypeOptions: {minimum: 9, maximum: 1}\n        description: People", 67,
        "no number fits",
    ),
    "a day that is none": (CONTRACT, '- {property: dueTime', '- {property: owedFrom, value: "2020-02-31"}\n  - {property: dueTime', 17, "no day"),
    "a type that cannot hold it": (CONTRACT, "physicalType: integer", "physicalType: date", 66, "an integer is stored as"),
    "no valid id": (CONTRACT, "id: opening\n", "id: openings\n", 5, "should be named openings.odcs.yaml"),
    "a column of a rule misspelt": (SUITE, '"n_staff",\n        "min_value"', '"n_saff",\n        "min_value"', 13, "Did you mean 'n_staff'?"),
    "a condition that cannot be read": (SUITE, "is_open or n_staff == 0", "is_open or n_staff = 0", 29, "cannot be read"),
    "a severity that is none": (SUITE, '"severity": "critical"', '"severity": "critcal"', 19, "Did you mean 'critical'?"),
    "a place of a sentence misspelt": (SUITE, "found {value}", "found {vaule}", 13, "{vaule}"),
    "a suite that is not JSON": (SUITE, '"name": "opening",', '"name": "opening"', 3, "this is not JSON"),
    "a boolean of the calendar": ("include/reference/calendar.csv", "2025-01-26,true", "2025-01-26,ture", 3, "Did you mean 'true'?"),
    "a day of the calendar": ("include/reference/calendar.csv", "2025-01-26,", "2025-02-30,", 3, "should be a day"),
    "a day of the calendar twice": ("include/reference/calendar.csv", "2025-01-28", "2025-01-01", 4, "is in line 2 already"),
    "a column of the calendar": ("include/reference/calendar.csv", "is_workday", "is_workdy", 1, "Did you mean 'is_workdy'?"),
    "a row that is too long": ("include/reference/calendar.csv", "false,元旦", "false,元旦,假日", 2, "this row has 4 cells"),
    "one spelling of two codes": ("include/reference/code_list.csv", "东街区;东片", "东街区;西片", 5, "stands for E and W"),
    "one code twice": ("include/reference/code_list.csv", "street,W", "street,E", 5, "stands here twice"),
    "a department that no folder can have": ("include/reference/department.csv", "EXAMPLE,", "../x,", 2, "should be letters"),
    "a kind of department": ("include/reference/department.csv", "bureau", "bureaux", 2, "Did you mean 'bureau'?"),
    "a table that no contract has": (FACT, "reads: [report.opening]", "reads: [report.openings]", 5, "Did you mean 'opening'?"),
    "a fact that no file writes": (MART, "reads: [fact.opening]", "reads: [fact.openings]", 8, "Did you mean 'fact.opening'?"),
    "a column that the fact lacks": (MART, "fact.opening.n_staff", "fact.opening.n_saff", 12, "Did you mean 'n_staff'?"),
    "a key of a head": (MART, "partition_by", "partition", 7, "no key 'partition'"),
    "a mart that is not there": (FIGURES, "mart: opening_daily", "mart: opening_dialy", 7, "Did you mean 'opening_daily'?"),
    "a column that the mart lacks": (FIGURES, "column: n_open", "column: n_opne", 7, "Did you mean 'n_open'?"),
    "a figure twice": (FIGURES, "id: E900", "id: E001", 8, "is defined twice"),
    "a figure that a sentence prints": (
        "include/briefing/briefing.yaml", """{{ figure("E001") }}家。\n    en: '{{ figure("E001") }}""",
        """{{ figure("E002") }}家。\n    en: '{{ figure("E002") }}""", 8, "no figure 'E002'",
    ),
}  # fmt: skip
ADDED: dict[str, tuple[dict[str, str], str, int, str]] = {
    # files, where the fault is, line, what is said
    "a contract of another name": ({"include/contracts/stock.yaml": "id: stock"}, "include/contracts/stock.yaml", 0, "is not read"),
    "a reference file of no table": ({"include/reference/calender.csv": "a"}, "include/reference/calender.csv", 0, "Did you mean 'calendar.csv'?"),
    "a suite of no table": (
        {"expectations/openings.json": '{"name": "openings", "expectations": []}'}, "expectations/openings.json", 0, "Did you mean 'opening'?",
    ),
    "a township of no department": (
        {"include/reference/township.csv": TOWNSHIPS.replace("EXAMPLE", "EXAMPLES")}, "include/reference/township.csv", 2, "Did you mean 'EXAMPLE'?",
    ),
    "a parameter of no policy": (
        {"include/reference/policy_param.csv": PARAMS.replace("P1", "P2").replace("2020-02-01,2020-02", "2020-04-01,2020-02"),
         "include/reference/policy.csv": POLICIES},
        "include/reference/policy_param.csv", 2, "no 'P2'",
    ),
    "a period that ends before it begins": (
        {"include/reference/policy_param.csv": PARAMS, "include/reference/policy.csv": POLICIES}, "include/reference/policy_param.csv", 2,
        "is after valid_to",
    ),
    "a quota of no department": (
        {"include/quotas.yaml": "departments:\n  EXAMPEL: {files_a_day: 3}\n"}, "include/quotas.yaml", 2, "no department 'EXAMPEL'",
    ),
    "an unknown table in doubts": ({"include/doubts.yaml": "series:\n  open: {by: [shop_no], order: shop_no}\n"}, "include/doubts.yaml", 2, "no increment table"),
    "a check that is no SELECT": (
        {"include/sql/checks/x01_odd.sql": "-- check: X01\n-- severity: review\n-- keys: [as_of]\n-- partition_by: as_of\n-- reads: [fact.opening]\n"
         "-- touches: [E001]\n-- message: 错 | Wrong\n-- columns:\n--   as_of: 截至 | Day\nDELETE FROM fact.opening"},
        "include/sql/checks/x01_odd.sql", 10, "should be one SELECT",
    ),
}  # fmt: skip
PAGES = (PROJECT / "docs" / "configuration.md", PROJECT / "docs" / "zh" / "configuration.md")
BEGIN, END = "<!-- faults: written by python -m tests.configuration.faults -->", "<!-- end of faults -->"


def apply(district: Path, name: str) -> None:
    """Write a fault into a district that is as the skeleton."""
    if name in CHANGED:
        file, before, after, _, _ = CHANGED[name]
        text = (district / file).read_text(encoding="utf-8")
        assert before in text
        (district / file).write_text(text.replace(before, after, 1), encoding="utf-8")
        return
    for file, text in ADDED[name][0].items():
        path = district / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def table() -> str:
    """Each fault, where it is found, and the sentence."""
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for n, name in enumerate((*CHANGED, *ADDED)):
            district = Path(folder, str(n))
            lay_district(district)
            apply(district, name)
            place = (
                CHANGED[name][0] if name in CHANGED else ADDED[name][1],
                CHANGED[name][3] if name in CHANGED else ADDED[name][2],
            )
            [one] = [
                fault
                for fault in lint(Settings(district, district, None), tries_rules=False)
                if (fault.file, fault.line) == place
            ]
            sentence = one.sentence.replace("|", "\\|").replace("{", "&#123;").replace("<", "&lt;")
            rows.append(f"| {name} | `{one.file}{f':{one.line}' if one.line else ''}` | {sentence} |")
            shutil.rmtree(district)
    return "\n".join(rows)


def main() -> None:
    """Write the table into both pages."""
    rows = table()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        head, tail = text.index(BEGIN), text.index(END)
        intro = text[head + len(BEGIN) : tail].strip().splitlines()[:2]
        page.write_text(text[: head + len(BEGIN)] + "\n" + "\n".join(intro) + "\n" + rows + "\n" + text[tail:], encoding="utf-8")


if __name__ == "__main__":
    main()
