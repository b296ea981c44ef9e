"""Findings about a table in a file: its sheet, header, columns and totals."""

from __future__ import annotations

from fugong.core.vocabulary import Severity
from fugong.findings.finding import FindingType

STRUCTURE = (
    FindingType(
        "no-table",
        Severity.REJECTED,
        "文件中找不到{report}的表头。{seen}应有的列:{columns}。{near}",
        "No header of {report} was found. {seen_en} Its columns are: {columns}. {near_en}",
        "请用 fugong template {id} 生成的模板填报,或补上表头行。",
        "Use the template (`fugong template {id}`) or add the header row.",
    ),
    FindingType(
        "missing-column",
        Severity.REJECTED,
        "缺少必填列“{header}”。{near}",
        'The mandatory column "{header}" is missing. {near_en}',
        "请补上这一列,表头写“{header}”。",
        'Add the column under the header "{header}".',
    ),
    FindingType(
        "later-header",
        Severity.REJECTED,
        "第{line}行又是一行表头,下面的行不能照它读:{why}。",
        "Line {line} is a header once more, and the lines below it cannot be read by it: {why_en}.",
        "请让两段用同样的列和单位,或把第二段的各行并到上面的表里。",
        "Give both parts the same columns and units, or put the rows of the second below those of the first.",
    ),
    FindingType(
        "several-sheets",
        Severity.REJECTED,
        "{value}都像这张报表,不知道该收哪一张。",
        "Several sheets look like this report: {value}.",
        "请只保留要报的那一张工作表;若都要报,请合并到一张表里。",
        "Keep the one to be reported; if all are, put their rows into one sheet.",
    ),
    FindingType(
        "rows-of-several-sheets",
        Severity.REJECTED,
        "{value}是一张报表的几张工作表,都有要改的行。",
        "The sheets {value} are parts of one report, and rows of several of them must be mended.",
        "请在原文件中改好,再把整份文件放入收件夹。",
        "Mend them in the file itself, and send the whole file again.",
    ),
    FindingType(
        "missing-sheet",
        Severity.WARNING,
        "没有找到“{value}”表,本次只收了其余各表。",
        'The sheet "{value}" was not found; only the others were taken.',
        "如当日确实没有,可不理会;否则请补报。",
        "Ignore this if there is nothing to report; else send it.",
    ),
    FindingType(
        "table-of-others",
        Severity.WARNING,
        "“{value}”表由{senders}报送,本次没有收。",
        'The sheet "{value}" is sent by {senders}; it was not taken.',
        "请删去这张表;内容有变动的,请告知报送单位。",
        "Leave it out; tell those who send it what has changed.",
    ),
    FindingType(
        "personal-data",
        Severity.REJECTED,
        "“{header}”填有{kind_zh}“{value}”。本系统不收个人信息,整份退回;正式报送的原件加密封存,{days} 天后删除;试投的不保存,原件退还。",
        '"{header}" holds {kind_en}, "{value}". No data on persons are taken: the file goes back. Originals with such data are sealed and deleted after {days} days; a file that was only tried is not kept, it lies beside its receipt.',
        "请删除表内的身份证号、手机号和银行卡号后重新报送。",
        "Delete ID numbers, mobile numbers and bank cards from the table and send it again.",
    ),
    FindingType(
        "two-units",
        Severity.REJECTED,
        "{what}的单位有不同的写法:{value},不知道按哪一种。",
        "The unit of {what_en} is declared differently: {value}.",
        "请只保留一种后重新报送;写在各列的表头里最稳妥,例如“减免税额(万元)”。",
        "Keep one of them and send it again; it is safest in the header of each column, such as 减免税额(万元).",
    ),
    FindingType(
        "unknown-unit",
        Severity.REJECTED,
        "{what}的单位读不准,或不能换算:{value}。",
        "The unit of {what_en} cannot be read or converted: {value}.",
        "请写明本表能用的单位后重新报送,例如“单位:万元”“面积(亩)”;外币请先折成人民币;不是说单位的,请换个写法。",
        "Write a unit that the table can have, such as 单位:万元 or 面积(亩); convert foreign money first; if no unit is meant, word it differently.",
    ),
    FindingType(
        "personal-contact",
        Severity.WARNING,
        "{where}里有手机号“{value}”。表照收,号码不保存;正式报送的原件加密封存,{days} 天后删除。",
        'There is a mobile number, "{value}", in {where_en}. The table is taken, the number is not kept; the original is sealed and deleted after {days} days.',
        "下次请删去手机号,联系电话写办公室座机。",
        "Leave the mobile number out next time; give the telephone of the office.",
    ),
    FindingType(
        "share-scale-doubt",
        Severity.REJECTED,
        "“{header}”一列有的像百分数、有的像小数(例如“{value}”),不知道按哪一种。",
        '"{header}": some numbers look like percents, others like fractions (such as "{value}").',
        "请整列用一种写法,并在表头写明,例如“年利率(%)”;或每格都写百分号。",
        "Write the whole column in one way and say so in the header, such as 年利率(%); or write the sign in every cell.",
    ),
    FindingType(
        "too-many-faults",
        Severity.REJECTED,
        "有问题的行超过 {value} 行,整份退回。",
        "More than {value} rows are faulty; the whole file goes back.",
        "请按下面的例子检查整列(单位、列是否错位)后再报。",
        "Check whole columns (units, shifted columns) by the examples below.",
    ),
)
"""Sheets, header and the table as a whole."""

LAYOUT = (
    FindingType(
        "extra-column",
        Severity.WARNING,
        "多出一列“{value}”,没有收。{near}",
        'The column "{value}" is not in the contract and was not taken. {near_en}',
    ),
    FindingType(
        "beside-the-table",
        Severity.WARNING,
        "表格旁边({cell} 起)另有内容“{value}”,没有收。",
        'Beside the table, from {cell} on, there is something else, "{value}"; it was not taken.',
        "如属本表内容,请放进表格里;否则可不理会。",
        "Put it into the table if it belongs there; else ignore this.",
    ),
    FindingType(
        "cell-beside-row",
        Severity.WARNING,
        "第{line}行的数据旁边({cell})另有“{value}”,那里没有表头,没有收{more}。",
        'Beside the data of line {line}, in {cell}, stands "{value}" under no header; it was not taken{more_en}.',
        "请核对这一行是否填错了列;要报的内容请填进有表头的列。",
        "Check whether the line is filled in the wrong columns; put what is to be reported under a header.",
    ),
    FindingType(
        "control-total",
        Severity.WARNING,
        "“{header}”合计行为 {value},明细相加为 {expected}。",
        '"{header}": the total line says {value}, the rows add up to {expected}.',
        "请核对是否漏行或合计有误。",
        "Check for missing rows or a wrong total.",
    ),
    FindingType(
        "control-subtotal",
        Severity.WARNING,
        "“{header}”小计行为 {value},本组明细相加为 {expected}。",
        '"{header}": the subtotal says {value}, the rows of its group add up to {expected}.',
        "请核对是否漏行或小计有误。",
        "Check for missing rows or a wrong subtotal.",
    ),
    FindingType(
        "prefilled-lines",
        Severity.WARNING,
        "从这一行到第 {last} 行,有 {value} 行只填了镇办、零或序号,没有编号和名称,不作为数据。",
        "From this line to line {last}, {value} lines hold only codes, zeros or line numbers, no key and no name: they are no data.",
        "如确有数据,请补填后以“更正”重报;没有可不理会。",
        "If there are data, fill them in and send it again marked 更正; else ignore this.",
    ),
    FindingType(
        "share-scale",
        Severity.WARNING,
        "“{header}”一列的数都不超过 1.5,可以看成百分数,也可以看成小数;这次“{value}”按 {after} 收下。",
        '"{header}": its numbers may be percents or fractions; "{value}" was taken as {after}.',
        "如不是这个意思,请每格都写百分号,以“更正”重报。",
        "If this is not what was meant, write the sign in every cell and send it again marked 更正.",
    ),
    FindingType(
        "header-repaired",
        Severity.REPAIRED,
        "表头“{value}”按“{after}”收下。",
        'The header "{value}" was read as "{after}".',
    ),
)
"""Columns, neighbours and totals of a table that was loaded."""
