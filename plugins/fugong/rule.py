"""Findings: the catalogue of what can be wrong with a submission, and one thing found wrong.

Their fault is recorded (a `Finding`); ours raises (`ContractFault`). Receipts and documents are made from `CATALOGUE`; the rules
of a good report live in the suites (`expectations/`), with their sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContractFault(Exception):
    """A contract, suite, code list or rule of ours cannot be evaluated. Never raised for what a department typed."""


LONGEST_SHOWN = 200
"""Characters of a cell that a sentence shows."""


class Severity(StrEnum):
    """What a finding does."""

    REJECTED = "rejected"
    """The whole file goes back."""
    SET_ASIDE = "set_aside"
    """The row goes back."""
    WARNING = "warning"
    """Told; the value is loaded."""
    REPAIRED = "repaired"
    """Told; the value was mended, before and after are shown."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding. Sentences are `str.format` templates over the finding's details."""

    code: str
    severity: Severity
    zh: str
    en: str
    advice_zh: str = ""
    advice_en: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a submission.

    Attributes:
        row_number: line in the sheet as the sender sees it (1-based), None for the whole file.
        cell: address such as `F45`, where there is one.
        column_name: the contract's column name (English), where there is one.
        value: as typed, masked where personal.
        n_same: how many findings this one stands for.
    """

    code: str
    severity: Severity
    message_zh: str
    message_en: str
    sheet: str = ""
    row_number: int | None = None
    cell: str | None = None
    column_name: str | None = None
    value: str | None = None
    n_same: int = 1


def _rule(code: str, severity: Severity, zh: str, en: str, advice_zh: str = "", advice_en: str = "") -> Rule:
    return Rule(code, severity, zh, en, advice_zh, advice_en)


_R, _S, _W, _M = Severity.REJECTED, Severity.SET_ASIDE, Severity.WARNING, Severity.REPAIRED

CATALOGUE: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        # The whole file.
        _rule(
            "a-folder",
            _R,
            "“{value}”是文件夹,没有打开。",
            '"{value}" is a folder and was not opened.',
            "请把要报送的文件逐个直接放入收件夹。",
            "Drop the files themselves.",
        ),
        _rule(
            "no-permission",
            _R,
            "“{value}”没有读取权限,打不开。",
            'There is no permission to read "{value}".',
            "请关闭正在使用它的程序,或放开读取权限后重新放入。",
            "Close the program that uses it, or allow reading, and drop it again.",
        ),
        _rule(
            "unknown-report",
            _R,
            "看不出“{value}”是哪一张报表。",
            'Cannot tell which report "{value}" is.',
            "请在文件名或标题中写明报表名称或编号。贵单位应报:{reports}。",
            "Put the report's name or number into the file name or title. Yours are: {reports}.",
        ),
        _rule(
            "ambiguous-report",
            _R,
            "“{value}”可能是几张报表:{reports}。",
            '"{value}" could be several reports: {reports}.',
            "请在文件名中写明报表编号,例如 R04。",
            "Put the report's number into the file name, e.g. R04.",
        ),
        _rule(
            "wrong-department",
            _R,
            "“{value}”是{report},应由{senders}报送,却放在了{department}的收件夹。",
            '"{value}" is {report}, which {senders} sends; it was dropped into the inbox of {department}.',
            "请转给应报单位,或放入正确的收件夹。",
            "Pass it to its sender, or drop it into the right inbox.",
        ),
        _rule(
            "no-report-date",
            _R,
            "文件名和标题中都没有统计日期。",
            "Neither the file name nor the title gives the report date.",
            "请在文件名或标题中写明统计日期,例如 20200318 或“2020年3月18日”。",
            "Put the report date into the file name or title, e.g. 20200318.",
        ),
        _rule(
            "two-report-dates",
            _R,
            "文件名和标题中的统计日期不一致:{value}。",
            "The file name and the title give different report dates: {value}.",
            "请只保留正确的那一个日期再报。",
            "Keep the right date only and send it again.",
        ),
        _rule(
            "impossible-date",
            _R,
            "统计日期“{value}”不存在。",
            'There is no such day as "{value}".',
            "请改成真实的日期再报。",
            "Correct the date and send it again.",
        ),
        _rule(
            "future-date",
            _R,
            "统计日期“{value}”在收到文件之后。",
            'The report date "{value}" lies after the file\'s arrival.',
            "请核对统计日期(年份)再报。",
            "Check the report date (and its year) and send it again.",
        ),
        _rule(
            "no-table",
            _R,
            "文件中找不到{report}的表头。应有的列:{columns}。",
            "No header of {report} was found. Its columns are: {columns}.",
            "请用 fugong template {id} 生成的模板填报,或补上表头行。",
            "Use the template (`fugong template {id}`) or add the header row.",
        ),
        _rule(
            "missing-column",
            _R,
            "缺少必填列“{header}”。{near}",
            'The mandatory column "{header}" is missing. {near_en}',
            "请补上这一列,表头写“{header}”。",
            'Add the column under the header "{header}".',
        ),
        _rule(
            "missing-sheet",
            _W,
            "没有找到“{value}”表,本次只收了其余各表。",
            'The sheet "{value}" was not found; only the others were taken.',
            "如当日确实没有,可不理会;否则请补报。",
            "Ignore this if there is nothing to report; else send it.",
        ),
        _rule(
            "too-many-faults",
            _R,
            "有问题的行超过 {value} 行,整份退回。",
            "More than {value} rows are faulty; the whole file goes back.",
            "请按下面的例子检查整列(单位、列是否错位)后再报。",
            "Check whole columns (units, shifted columns) by the examples below.",
        ),
        _rule(
            "fewer-keys",
            _R,
            "替换后只剩原来的 {kept}/{before} 个{what}(不足 95%),可能是带着筛选保存的。",
            "The replacement keeps only {kept} of {before} {what_en} (under 95 %); it may have been saved with a filter on.",
            "若确实要这样替换,请在文件名中加“确认”二字重新放入;否则请补全后再报。",
            "If it is meant, add 确认 to the file name and drop it again; else complete it.",
        ),
        _rule(
            "changed-rows",
            _R,
            "有 {value} 行的编号以前报过,内容却不同(例如{example})。",
            "{value} rows repeat earlier numbers with other content (e.g. {example}).",
            "若是更正当日数据,请在文件名中加“更正”二字,并报当日全部行;若是新业务,请换新的编号。",
            "To correct that day, add 更正 to the file name and send all its rows; for new business use new numbers.",
        ),
        _rule(
            "nothing-to-withdraw",
            _R,
            "没有可作废的报送:{report} {value} 尚未入库。",
            "There is nothing to withdraw: no {report} of {value} has been taken.",
            "请核对统计日期。",
            "Check the report date.",
        ),
        _rule(
            "repair-too-late",
            _R,
            "这些退回行属于第 {value} 号报送,它已经被替换或作废。",
            "These rows were returned from submission {value}, which has been replaced or withdrawn since.",
            "请改在最新的那份报表上,不必再放入退回行。",
            "Mend the newest version of the report instead.",
        ),
        # One row.
        _rule(
            "missing-value",
            _S,
            "“{header}”必须填写,这里是空的。",
            '"{header}" must be filled in; it is empty.',
            "请补填。",
            "Fill it in.",
        ),
        _rule(
            "key-too-long",
            _S,
            "“{header}”超过 {longest} 个字:“{value}”。",
            '"{header}" is longer than {longest} characters: "{value}".',
            "请核对是否粘贴错位。",
            "Check whether it was pasted into the wrong column.",
        ),
        _rule(
            "not-a-number",
            _S,
            "“{header}”应为数字,填的是“{value}”。",
            '"{header}" should be a number, found "{value}".',
            "请只填数字,例如 1379.88;没有数据请留空,不要填“无”或“—”。",
            "Write digits only, e.g. 1379.88; leave it empty where there is nothing.",
        ),
        _rule(
            "not-a-whole-number",
            _S,
            "“{header}”应为整数,填的是“{value}”。",
            '"{header}" should be a whole number, found "{value}".',
            "请填整数。",
            "Write a whole number.",
        ),
        _rule(
            "number-too-large",
            _S,
            "“{header}”的数太大:“{value}”。",
            '"{header}" is too large a number: "{value}".',
            "请核对数值和单位(元/万元)。",
            "Check the value and its unit (元 or 万元).",
        ),
        _rule(
            "not-a-date",
            _S,
            "“{header}”应为日期,填的是“{value}”。",
            '"{header}" should be a date, found "{value}".',
            "请填真实的日期,例如 2020-03-18。",
            "Write a real date, e.g. 2020-03-18.",
        ),
        _rule(
            "not-a-month",
            _S,
            "“{header}”应为月份,填的是“{value}”。",
            '"{header}" should be a month, found "{value}".',
            "请填年月,例如 2020-02。",
            "Write year and month, e.g. 2020-02.",
        ),
        _rule(
            "unknown-code",
            _S,
            "“{header}”只能填:{codes};填的是“{value}”。",
            '"{header}" takes only: {codes}; found "{value}".',
            "请从上述各项中选填。",
            "Choose one of these.",
        ),
        _rule(
            "uscc-scientific",
            _S,
            "“{header}”被表格软件变成了科学计数“{value}”,末几位已丢失,无法还原。",
            '"{header}" was turned into "{value}" by the spreadsheet; its last digits are lost.',
            "请把该列设为文本格式,重新填写 18 位代码。",
            "Set the column to text and type the 18 characters again.",
        ),
        _rule(
            "uscc-old-number",
            _S,
            "“{header}”填的是 15 位旧注册号“{value}”。",
            '"{header}" holds the old 15-digit number "{value}".',
            "请改填 18 位统一社会信用代码{known}。",
            "Write the 18-character credit code{known}.",
        ),
        _rule(
            "uscc-malformed",
            _S,
            "“{header}”应为 18 位统一社会信用代码,填的是“{value}”。",
            '"{header}" should be an 18-character credit code, found "{value}".',
            "请按营业执照核对(不含字母 I、O、Z、S、V)。",
            "Check it against the business licence (letters I, O, Z, S, V never occur).",
        ),
        _rule(
            "uscc-check-digit",
            _S,
            "“{header}”校验位不对:{value},末位应为 {expected}。",
            '"{header}" has a wrong check digit: {value}; the last character should be {expected}.',
            "请按营业执照逐位核对。",
            "Check it character by character against the licence.",
        ),
        _rule(
            "duplicate-key",
            _S,
            "“{header}”在文件中重复出现:{value}。",
            '"{header}" occurs more than once in the file: {value}.',
            "同一{header}只能报一行,请核对后只保留正确的一行。",
            "One row each: keep the right one.",
        ),
        _rule(
            "stray-line",
            _S,
            "这一行只有一格有内容:“{value}”,不是完整的数据。",
            'Only one cell of this line is filled: "{value}".',
            "请补全这一行,或移到表格下方作为说明。",
            "Complete the line, or move it below the table as a note.",
        ),
        # Told.
        _rule(
            "unreadable-optional",
            _W,
            "“{header}”看不懂“{value}”,按空值收下。",
            '"{header}": cannot read "{value}"; taken as empty.',
            "如需更正,请改好后以“更正”重报。",
            "To correct it, mend it and send the file again marked 更正.",
        ),
        _rule(
            "extra-column",
            _W,
            "多出一列“{value}”,没有收。{near}",
            'The column "{value}" is not in the contract and was not taken. {near_en}',
        ),
        _rule(
            "control-total",
            _W,
            "“{header}”合计行为 {value},明细相加为 {expected}。",
            '"{header}": the total line says {value}, the rows add up to {expected}.',
            "请核对是否漏行或合计有误。",
            "Check for missing rows or a wrong total.",
        ),
        _rule(
            "uscc-inner-check",
            _W,
            "“{header}”中的组织机构代码校验位不对:{value}。",
            '"{header}": the organisation code inside {value} has a wrong check character.',
        ),
        _rule(
            "uscc-from-account",
            _W,
            "没有填“{header}”,沿用该户号以前的 {value}。",
            '"{header}" is empty; taken from the account\'s earlier rows: {value}.',
        ),
        _rule(
            "uscc-unknown",
            _W,
            "没有填“{header}”,也查不到该户号以前的代码。",
            '"{header}" is empty and the account has no earlier row.',
            "请补填,否则这一行不能计入企业。",
            "Fill it in, else the row counts for no enterprise.",
        ),
        _rule(
            "stale-copy",
            _W,
            "内容与 {value} 的报送完全相同。",
            "The content equals that of {value}.",
        ),
        # Mended.
        _rule(
            "number-repaired",
            _M,
            "“{header}”的“{value}”按 {after} 收下。",
            '"{header}": "{value}" was read as {after}.',
        ),
        _rule(
            "date-repaired",
            _M,
            "“{header}”的“{value}”按 {after} 收下。",
            '"{header}": "{value}" was read as {after}.',
        ),
        _rule(
            "uscc-repaired",
            _M,
            "“{header}”的“{value}”按 {after} 收下。",
            '"{header}": "{value}" was read as {after}.',
        ),
    )
}


def sentence(rule: Rule, **details: object) -> tuple[str, str]:
    """The Chinese and English sentence of a finding, advice included.

    Raises:
        ContractFault: a template names a detail that was not given.
    """
    try:
        zh = rule.zh.format(**details) + rule.advice_zh.format(**details)
        en = " ".join(part for part in (rule.en.format(**details), rule.advice_en.format(**details)) if part)
    except (KeyError, IndexError) as error:
        raise ContractFault(f"{rule.code}: the sentence needs {error}, which is not given") from error
    return zh.strip(), en.strip()


def finding(
    code: str,
    *,
    sheet: str = "",
    row_number: int | None = None,
    cell: str | None = None,
    column_name: str | None = None,
    **details: object,
) -> Finding:
    """A finding by the catalogue's sentence for `code`; `value` in the details is kept as typed."""
    rule = CATALOGUE[code]
    value = details.get("value")
    if value is not None and len(str(value)) > LONGEST_SHOWN:
        details["value"] = f"{str(value)[:LONGEST_SHOWN]}……"
    zh, en = sentence(rule, **details)
    return Finding(code, rule.severity, zh, en, sheet, row_number, cell, column_name, None if value is None else str(value)[:500])
