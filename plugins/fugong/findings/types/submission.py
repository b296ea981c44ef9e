"""Findings about a submission: which report and day it is, and how it relates to earlier submissions."""

from __future__ import annotations

from fugong.core.vocabulary import Severity
from fugong.findings.finding import FindingType

IDENTITY = (
    FindingType(
        "unknown-report",
        Severity.REJECTED,
        "看不出“{value}”是哪一张报表。",
        'Cannot tell which report "{value}" is.',
        "请在文件名或标题中写明报表名称或编号。贵单位应报:{reports}。",
        "Put the report's name or number into the file name or title. Yours are: {reports}.",
    ),
    FindingType(
        "ambiguous-report",
        Severity.REJECTED,
        "“{value}”可能是几张报表:{reports}。",
        '"{value}" could be several reports: {reports}.',
        "请在文件名中写明报表编号,例如 R04。",
        "Put the report's number into the file name, e.g. R04.",
    ),
    FindingType(
        "wrong-department",
        Severity.REJECTED,
        "“{value}”是{report},应由{senders}报送,却是{department}报来的。",
        '"{value}" is {report}, which {senders} sends; it came from {department}.',
        "请转给应报单位报送。",
        "Pass it to its sender.",
    ),
    FindingType(
        "no-report-date",
        Severity.REJECTED,
        "文件名和标题中都没有统计日期。",
        "Neither the file name nor the title gives the report date.",
        "请在文件名或标题中写明统计日期,例如 20200318 或“2020年3月18日”。",
        "Put the report date into the file name or title, e.g. 20200318.",
    ),
    FindingType(
        "two-report-dates",
        Severity.REJECTED,
        "文件名和标题中的统计日期不一致:{value}。",
        "The file name and the title give different report dates: {value}.",
        "请只保留正确的那一个日期再报。",
        "Keep the right date only and send it again.",
    ),
    FindingType(
        "range-of-days",
        Severity.REJECTED,
        "文件名或标题写的是几天,不是一天:{value}。",
        "The file name or the title names several days, not one: {value}.",
        "请按天分别报送,每个文件只写一个统计日期,例如 20200318;如果只是最后一天的数据,请只写那一天。",
        "Send a file for each day with one report date, e.g. 20200318. If it is the data of the last day only, write that day alone.",
    ),
    FindingType(
        "mark-not-taken",
        Severity.WARNING,
        "“{value}”中有“更正”“作废”或“确认”,但不像是对本文件的声明,未按声明处理。",
        '"{value}" has 更正, 作废 or 确认 in it, but not as a mark of this file: it was not taken as one.',
        "如确要更正、作废或确认,请写在文件名里,例如 20200318_R04_更正;否则不必处理。",
        "If you mean it, write it into the file name, e.g. 20200318_R04_更正; else there is nothing to do.",
    ),
    FindingType(
        "version-not-read",
        Severity.WARNING,
        "“{value}”可能是版本,但不是 V2 这样的版本号,未按新版处理。",
        '"{value}" may be meant as a version, but is no number such as V2: the file was not taken as a newer version.',
        "如要替换以前报的同一份报表,请在文件名里写“更正”或 V2(再改写 V3),例如 20200318_R04_V2;要作废请写“作废”;否则不必处理。",
        "If the file replaces an earlier one, write 更正 or V2 (then V3) into its name, e.g. 20200318_R04_V2; 作废 if it withdraws one; else there is nothing to do.",
    ),
    FindingType(
        "impossible-date",
        Severity.REJECTED,
        "统计日期“{value}”不存在。",
        'There is no such day as "{value}".',
        "请改成真实的日期再报。",
        "Correct the date and send it again.",
    ),
    FindingType(
        "future-date",
        Severity.REJECTED,
        "统计日期“{value}”在收到文件之后。",
        'The report date "{value}" lies after the file\'s arrival.',
        "请核对统计日期(年份)再报。",
        "Check the report date (and its year) and send it again.",
    ),
)
"""Which report, which day, which sender."""

VERSIONS = (
    FindingType(
        "fewer-keys",
        Severity.REJECTED,
        "替换后只剩原来的 {kept}/{before} 个{what}(不足 95%),可能是带着筛选保存的。",
        "The replacement keeps only {kept} of {before} {what_en} (under 95 %); it may have been saved with a filter on.",
        "若确实要这样替换,请在文件名中加“确认”二字重新放入;否则请补全后再报。",
        "If it is meant, add 确认 to the file name and drop it again; else complete it.",
    ),
    FindingType(
        "changed-rows",
        Severity.REJECTED,
        "有 {value} 行的编号以前报过,内容却不同(例如{example})。",
        "{value} rows repeat earlier numbers with other content (e.g. {example}).",
        "若是更正当日数据,请在文件名中加“更正”二字,并报当日全部行;若是新业务,请换新的编号。",
        "To correct that day, add 更正 to the file name and send all its rows; for new business use new numbers.",
    ),
    FindingType(
        "nothing-to-withdraw",
        Severity.REJECTED,
        "没有可作废的报送:{report} {value} 尚未入库。",
        "There is nothing to withdraw: no {report} of {value} has been taken.",
        "请核对统计日期。",
        "Check the report date.",
    ),
    FindingType(
        "repair-too-late",
        Severity.REJECTED,
        "这些退回行属于第 {value} 号报送,它已经被替换或作废。",
        "These rows were returned from submission {value}, which has been replaced or withdrawn since.",
        "请改在最新的那份报表上,不必再放入退回行。",
        "Mend the newest version of the report instead.",
    ),
    FindingType(
        "mended-before",
        Severity.REJECTED,
        "第 {value} 号报送退回的这一行以前补报过,这次的内容却不同。",
        "This row of submission {value} was mended before, with other content.",
        "若上次补错了,请改在整份原表上,在文件名中加“更正”二字放入;否则请删去这一行再放入。",
        "If it was mended wrongly, mend the whole report and send it with 更正 in its name; else delete this row.",
    ),
    FindingType(
        "unknown-submission",
        Severity.REJECTED,
        "文件中写着报送编号 {value},但系统中没有贵单位的这份报送(试投的文件没有编号)。",
        "The file speaks of submission {value}; there is none of yours (a file that was only tried has no number).",
        "请报送改好的整份原表。",
        "Mend your own file and send the whole of it.",
    ),
    FindingType(
        "several-receipts",
        Severity.REJECTED,
        "文件里混有几份报送的回执或退回行(编号 {value}),分不清各行属于哪一份。",
        "The file mixes receipts or returned rows of several submissions ({value}).",
        "请把每份报送的退回行各存成一个文件再放入。",
        "Save the returned rows of each submission as a file of its own.",
    ),
    FindingType(
        "returned-without-number",
        Severity.REJECTED,
        "这是退回行,但第一行(写有报送编号)不见了,不知道属于哪一份报送。",
        "These are returned rows without their first row, which tells the submission they belong to.",
        "请补上原来的第一行,或在回执工作簿里直接改好再放入。",
        "Put that row back, or mend the rows in the receipt's workbook.",
    ),
    FindingType(
        "nothing-changed",
        Severity.REJECTED,
        "这是第 {value} 号报送的回执,里面没有改动过的内容,所以没有再收。以前入库的行不受影响。",
        "This is the receipt of submission {value} as we sent it: nothing in it was changed. What was taken stays.",
        "请在“退回行”工作表中改好标黄的单元格,保存后再放入。",
        "Mend the yellow cells of its sheet 退回行, save, and drop it again.",
    ),
    FindingType(
        "both-changed",
        Severity.REJECTED,
        "第 {value} 号报送回执里的“退回行”和原表{names}都改过,不知道以哪一处为准,所以都没有收。",
        "In the receipt of submission {value} both the returned rows and the report ({names}) were changed; neither was taken.",
        "只补退回的行:请把“退回行”单独存成一个文件放入。要整份重报:请删去“回执”和“退回行”两张工作表,保存后放入。",
        "To mend rows only, save the sheet 退回行 as a file of its own; to send the whole report again, delete the sheets 回执 and 退回行.",
    ),
)
"""How a file relates to what its sender reported earlier: replacement, withdrawal, returned rows."""

ANSWERS = (
    FindingType(
        "nothing-answered",
        Severity.REJECTED,
        "“{value}”是待核实的问题,里面一题也没有答。",
        '"{value}" holds doubts to verify, and no answer to any of them.',
        "请在“核实结果”里选一项,在“核实说明”里写明理由,保存后再放入。",
        "Choose 核实结果, write the reason into 核实说明, save, and drop it again.",
    ),
    FindingType(
        "no-answer-taken",
        Severity.REJECTED,
        "文件里的 {value} 条核实说明都没有收,原因见下。",
        "None of the {value} answers in the file was taken; the reasons stand below.",
        "请改好后再放入;别的数据不受影响。",
        "Mend them and drop the file again; nothing else is affected.",
    ),
    FindingType(
        "answer-of-nobody",
        Severity.WARNING,
        "这一条核实说明没有收:“{value}”不是问贵单位的问题。",
        'The answer was not taken: "{value}" is no question to your department.',
        "请用贵单位收到的回执或核对提示,不要改“题号”和“行号”。",
        "Use the receipt or the note that your department got; leave 题号 and 行号 as they are.",
    ),
    FindingType(
        "answer-unclear",
        Severity.WARNING,
        "这一条核实说明没有收:核实结果“{value}”看不懂。",
        'The answer was not taken: nobody can tell what "{value}" means.',
        "请选:属实、已改、口径不同、待查。",
        "Choose 属实, 已改, 口径不同 or 待查.",
    ),
    FindingType(
        "answer-without-reason",
        Severity.WARNING,
        "这一条核实说明没有收:选了“{value}”,没有写理由。",
        'The answer was not taken: it says "{value}" without a reason.',
        "请在“核实说明”里写明,例如:停产检修。",
        "Write the reason into 核实说明.",
    ),
    FindingType(
        "answer-too-long",
        Severity.WARNING,
        "这一条核实说明没有收:有 {value} 字,最多 {most} 字。",
        "The answer was not taken: its reason has {value} characters; {most} are the most.",
        "请写短些再放入。",
        "Shorten it and drop it again.",
    ),
    FindingType(
        "answer-stale",
        Severity.WARNING,
        "这一条核实说明没有收:问的“{value}”后来已经变了{now},不必再答。",
        'The answer was not taken: "{value}", which was asked about, has changed since{now_en}.',
        "如新的值也有疑问,请看最近的回执或核对提示。",
        "If the new value is in doubt, too, see the newest receipt or note.",
    ),
    FindingType(
        "answer-not-mended",
        Severity.WARNING,
        "这一条核实说明没有收:选了“已改”,但入库的还是“{value}”。",
        'The answer was not taken: it says corrected, and "{value}" is still what counts.',
        "请先报更正(改退回行,或整份重报),再放入;没有错的请选“属实”。",
        "Send the correction first; if the value is right, choose 属实.",
    ),
)
"""What senders answer about doubts."""

UNCHANGED = (
    FindingType(
        "stale-copy",
        Severity.WARNING,
        "文件与 {value} 的报送完全相同,只改了日期。",
        "The file is the same as that of {value}; only its date differs.",
        "如当日确无变化,可不理会;否则请报当日的数据。",
        "Ignore this if nothing has changed; else send that day's data.",
    ),
)
"""A file that only repeats an earlier day."""
