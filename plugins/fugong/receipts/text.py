"""The sentences of a receipt: what was taken, what was not and how to mend it, what to do next and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from fugong.core.sanitize import one_line
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import set_chinese
from fugong.privacy.detect import mask

STATES_ZH = {
    "received": "已收到",
    "accepted": "已入库",
    "partly_accepted": "部分入库",
    "rejected": "整份退回",
    "duplicate": "重复报送",
    "superseded": "已被新版替换",
    "withdrawn": "已作废",
}
STATES_EN = {
    "received": "received",
    "accepted": "accepted",
    "partly_accepted": "partly accepted",
    "rejected": "rejected",
    "duplicate": "duplicate",
    "superseded": "superseded",
    "withdrawn": "withdrawn",
}
ANSWERS = {
    "确认": ("确认(就照这样收)", "确认 (take it as it is)"),
    "更正": ("更正(替换以前报的)", "更正 (it replaces what was sent before)"),
    "作废": ("作废(撤回以前报的)", "作废 (it withdraws what was sent before)"),
}
"""Words in a file name that answer a question of ours."""
EXAMPLES = 3
LISTED_PARTS = 20


def text(document: Mapping[str, Any], lang: str = "zh") -> str:
    """The receipt in sentences: what was taken, what was not and how to mend it, what to do next and until when."""
    speak: Chinese | English = Chinese(document) if lang == "zh" else English(document)
    lines = [speak.headline(), speak.origin(), *speak.parts(), *speak.tables()]
    for severity in ("rejected", "set_aside", "warning", "repaired"):
        said = list(_findings(document, severity, speak))
        if said:
            lines += ["", speak.section(severity), *said]
    lines += ["", *speak.next_steps()]
    return "\n".join(lines) + "\n"


def _findings(document: Mapping[str, Any], severity: str, speak: Chinese | English) -> Iterator[str]:
    """Three examples of each code and column, then how many more."""
    several_sheets = len(_sheets(document)) > 1
    for group in document["finding_counts"]:
        if group["severity"] != severity:
            continue
        alike = [
            finding
            for finding in document["findings"]
            if (finding["severity"], finding["code"], finding["column_name"]) == (severity, group["code"], group["column_name"])
        ][:EXAMPLES]
        for finding in alike:
            yield "  " + one_line(speak.finding(finding, with_sheet=several_sheets))
        if group["n"] > len(alike):
            yield "  " + speak.more(group["n"] - len(alike), in_workbook=severity == "set_aside" and bool(document["workbook"]))


def moment_of(written: str) -> str:
    """A moment of the .json as people write it, in the district's time."""
    return datetime.fromisoformat(written).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def is_late(document: Mapping[str, Any]) -> bool:
    """Whether the file came after it was due."""
    return datetime.fromisoformat(document["due_at"]) < datetime.fromisoformat(document["received_at"])


def _sheets(document: Mapping[str, Any]) -> list[str]:
    """The sheets spoken of, in order."""
    return list(dict.fromkeys(item["sheet"] for item in (*document["parts"], *document["findings"]) if item["sheet"]))


def _unsaid_value(document: Mapping[str, Any], finding: Mapping[str, Any], message: str) -> str | None:
    """What was typed, if the sentence does not say it; not the file's own name, which the receipt begins with."""
    value = finding["value"]
    return value if value and value not in message and value != document["file_name"] else None


def _tables_found(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What `intake.submission.tables` holds, where the sender could be surprised by it."""
    tables = document["tables"] or []
    is_plain = (
        len(tables) == 1 and tables[0]["header_lines"] == [1, 1] and not (tables[0]["total_lines"] or tables[0]["other_sheets"])
    )
    return [] if is_plain else tables[:LISTED_PARTS]


def _answers(document: Mapping[str, Any]) -> Sequence[str]:
    """The words by which the sender can answer what was asked back."""
    asked = "".join(finding["message_zh"] for finding in document["findings"] if finding["severity"] == "rejected")
    return [word for word in ANSWERS if f"“{word}”" in asked]


class Chinese:
    """The receipt's sentences in Chinese."""

    sections: Mapping[str, str] = {
        "rejected": "整份退回的原因",
        "set_aside": "退回的行",
        "warning": "提醒(已收下,请核对)",
        "repaired": "已代为规范(不必重报)",
    }

    def __init__(self, document: Mapping[str, Any], *, is_within: bool = False) -> None:
        """Speak of a receipt; `is_within` its workbook, that is just this one."""
        self.document, self.is_within = document, is_within

    def headline(self) -> str:
        """What was taken, in one line."""
        document = self.document
        what = (
            " ".join(filter(None, (document["report_date"], document["report_name"]))) or f"“{one_line(document['file_name'])}”"
        )
        trial = "(试投,什么也没有保存)" if document["is_trial"] else ""
        return set_chinese(f"{what} —— {document['state_zh']}{trial}:{self._outcome()}")

    def _outcome(self) -> str:
        document, related = self.document, self.document["related"]
        accepted, returned = document["rows_accepted"], document["rows_set_aside"]
        match document["state"]:
            case "accepted" if _is_withdrawal(document):
                return f"作废已办理,撤回{self._numbers()}。"
            case "accepted" if not accepted and document["rows_not_data"]:
                return "没有新的行,读到的行以前都已入库或不是数据。"
            case "accepted" if not accepted:
                return "零报告,没有数据行。"
            case "accepted":
                return f"已收 {accepted} 行,没有退回的行。"
            case "partly_accepted":
                return f"已收 {accepted} 行,退回 {returned} 行。"
            case "rejected":
                return f"没有入库,退回 {returned} 行。" if returned else "没有入库。"
            case "duplicate":
                return f"内容与{self._related('以前的报送', related)}完全相同,没有重复入库。"
            case "superseded":
                return f"{self._related('更新的一版', related)}已经入库,以那一版为准。"
            case "withdrawn":
                return f"已按{self._related('作废文件', related)}撤回。"
            case _:
                return "正在处理。"

    def _related(self, otherwise: str, related: Mapping[str, Any] | None) -> str:
        if not related:
            return otherwise
        return (
            f"第 {related['submission_id']} 号报送(“{one_line(related['file_name'])}”,{moment_of(related['received_at'])} 收到)"
        )

    def _numbers(self) -> str:
        return "第 " + "、".join(map(str, self.document["replaced"])) + " 号报送" if self.document["replaced"] else "该日报送"

    def origin(self) -> str:
        """Which file this answers."""
        document = self.document
        sheets = _sheets(document)
        sheet = f"(工作表“{one_line(sheets[0])}”)" if len(sheets) == 1 else ""
        said = f"文件“{one_line(document['file_name'])}”{sheet},{moment_of(document['received_at'])} 收到{self._number()}。"
        if document["repairs"]:
            said += f"这是第 {document['repairs']} 号报送退回行的补报。"
        elif document.get("replays"):
            said += f"我们更正了规则,按新规则重新判读了第 {document['replays']} 号报送。"
        elif document["replaced"] and not _is_withdrawal(document):
            said += f"替换了{self._numbers()}。"
        return set_chinese(said)

    def _number(self) -> str:
        return "" if self.document["is_trial"] else f",报送编号 {self.document['submission_id']}"

    def parts(self) -> Iterator[str]:
        """How the counts of each part add up, where that says more than the headline."""
        told = [part for part in self.document["parts"] if part["kind"] != "withdrawal"]
        if len(told) < 2 and not self.document["rows_not_data"]:
            return
        for part in told[:LISTED_PARTS]:
            sheet = f"工作表“{part['sheet']}”" if part["sheet"] else "全文"
            unit = f"({part['unit']})" if part["unit"] != self.document["department_code"] else ""
            said = f"{sheet}{unit}:读到 {part['rows_read']} 行 = 入库 {part['rows_accepted']} + 退回 {part['rows_set_aside']}"
            yield "  " + one_line(set_chinese(f"{said} + 非数据行 {part['rows_not_data']}(空行、合计、说明)"))
        if len(told) > LISTED_PARTS:
            yield f"  ……另有 {len(told) - LISTED_PARTS} 个部分"

    def tables(self) -> Iterator[str]:
        """What was taken for the table, where it does not begin in the first line of the only sheet."""
        for table in _tables_found(self.document):
            first, last = table["header_lines"]
            lines = f"第 {first} 行" if first == last else f"第 {first}–{last} 行"
            said = f"读法:工作表“{table['sheet']}”" if table["sheet"] else "读法:"
            said += f"{lines}作表头,{'–'.join(dict.fromkeys(table['columns']))} 列,认出 {table['n_columns']} 列"
            if table["total_lines"]:
                said += f",合计行第 {'、'.join(map(str, table['total_lines'][:LISTED_PARTS]))} 行不算数据"
            if table["other_sheets"]:
                said += f";工作表“{'”“'.join(table['other_sheets'])}”没有读"
            yield "  " + one_line(set_chinese(mask(f"{said}。")))

    def section(self, severity: str) -> str:
        """What a group of findings begins with."""
        said = self.sections[severity]
        if self.document["state"] == "rejected":
            said = {"warning": "另请核对", "repaired": "已能看懂的写法(不改也可以)"}.get(severity, said)
        return set_chinese(f"{said}:")

    def finding(self, finding: Mapping[str, Any], *, with_sheet: bool) -> str:
        """One finding, and where it is."""
        said = set_chinese(finding["message_zh"])
        value = _unsaid_value(self.document, finding, finding["message_zh"])
        if value:
            said += set_chinese(f"(填的是“{value}”)")
        places = (
            f"工作表“{finding['sheet']}”" if with_sheet and finding["sheet"] else "",
            f"第 {finding['row_number']} 行" if finding["row_number"] is not None else "",
            finding["cell"] or "",
        )
        place = " ".join(filter(None, places))
        return place + ("" if not place or said.startswith("“") else " ") + said

    def more(self, n: int, *, in_workbook: bool) -> str:
        """How many more there are of a kind."""
        return set_chinese(f"……同类问题还有 {n} 处{',见回执工作簿' if in_workbook else ''}。")

    def next_steps(self) -> Iterator[str]:
        """What to do next, and until when."""
        for said in self._next_steps():
            yield set_chinese(said)

    def _next_steps(self) -> Iterator[str]:
        document = self.document
        warned = any(count["severity"] == "warning" for count in document["finding_counts"])
        book = "本工作簿" if self.is_within else f"回执工作簿“{document['workbook']}”"
        if document["is_trial"]:
            yield from self._after_trial()
            return
        match document["state"]:
            case "accepted":
                if document["repairs"] and document["n_still_returned"]:
                    yield f"第 {document['repairs']} 号报送还有 {document['n_still_returned']} 行退回的没有补报,请改好后放回收件夹。"
                elif document["repairs"]:
                    yield f"第 {document['repairs']} 号报送退回的行已全部补齐,不必再报。"
                else:
                    yield "不必再报。"
                if warned:
                    yield "如提醒事项确需改数,请改好整份文件,在文件名中加“更正”二字放入收件夹。"
            case "partly_accepted":
                yield f"请在{book}的“退回行”中改好标黄的单元格,保存后放回收件夹即可,文件名不必改;已入库的 {document['rows_accepted']} 行不必再报。"
                if document["repairs"] and document["n_still_returned"] > document["rows_set_aside"]:
                    yield f"第 {document['repairs']} 号报送退回的行中,还有 {document['n_still_returned']} 行没有补齐。"
                yield from self._due()
            case "rejected":
                answers = _answers(document)
                if answers:
                    words = " 或 ".join(ANSWERS[word][0] for word in answers)
                    yield f"这是向贵单位核实的问题,在文件名中加一个词重新放入收件夹即可回答:{words}。"
                    yield "如果是报错了,请改好后整份重报,文件名不必加词。"
                elif is_mendable(document):
                    yield f"请在{book}的“退回行”中改好标黄的单元格,保存后放回收件夹即可,文件名不必改。"
                else:
                    yield "请按上面所说改好后,把整份文件重新放入收件夹。"
                    if document["workbook"]:
                        yield f"有问题的单元格已在{book}中标出,供对照修改。"
                yield from self._due()
            case "duplicate":
                yield "不必再报。如本想更正,请先改好内容,在文件名中加“更正”二字,再放入收件夹。"
            case "superseded":
                yield "不必再报。如果这一份才是对的,请在文件名中写明更高的版本号(如 V3)或加“更正”二字,再放入收件夹。"
            case "withdrawn":
                yield "该日数据已不再使用。如需重新报送,请把正确的文件放入收件夹。"
            case _:
                yield "处理完毕后会另有回执,请稍候。"

    def _after_trial(self) -> Iterator[str]:
        yield "这是试投,什么也没有保存。"
        if self.document["state"] in {"partly_accepted", "rejected"}:
            yield "请在原文件中改好后,把整份文件放入收件夹。"
        else:
            yield "正式报送请把文件放入收件夹。"
        yield from self._due()

    def _due(self) -> Iterator[str]:
        due = self.document["due_at"]
        if due and is_late(self.document):
            yield f"报送时限 {moment_of(due)} 已过,请尽快补报。"
        elif due:
            yield f"请在 {moment_of(due)} 前报送。"


class English:
    """The receipt's sentences in English."""

    sections: Mapping[str, str] = {
        "rejected": "Why the whole file goes back:",
        "set_aside": "Rows returned:",
        "warning": "Please check (taken):",
        "repaired": "Put into standard form by us (nothing to do):",
    }

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def headline(self) -> str:
        """What was taken, in one line."""
        document = self.document
        what = " ".join(filter(None, (document["report_date"], document["report_name_en"])))
        trial = " (only tried, nothing kept)" if document["is_trial"] else ""
        return f"{what or one_line(document['file_name'])} -- {STATES_EN[document['state']]}{trial}: {self._outcome()}"

    def _outcome(self) -> str:
        document, related = self.document, self.document["related"]
        accepted, returned = document["rows_accepted"], document["rows_set_aside"]
        match document["state"]:
            case "accepted" if _is_withdrawal(document):
                return f"withdrawal done: {self._numbers()}."
            case "accepted" if not accepted and document["rows_not_data"]:
                return "no new rows: all were taken before or are no data."
            case "accepted" if not accepted:
                return "nil report, no rows."
            case "accepted":
                return f"{accepted} rows taken, none returned."
            case "partly_accepted":
                return f"{accepted} rows taken, {returned} returned."
            case "rejected":
                return f"nothing taken, {returned} rows returned." if returned else "nothing taken."
            case "duplicate":
                return f"same content as {self._related('an earlier submission', related)}; not taken twice."
            case "superseded":
                return f"{self._related('a newer version', related)} is already in and counts instead."
            case "withdrawn":
                return f"withdrawn by {self._related('a withdrawal', related)}."
            case _:
                return "in work."

    def _related(self, otherwise: str, related: Mapping[str, Any] | None) -> str:
        if not related:
            return otherwise
        received = moment_of(related["received_at"])
        return f'submission {related["submission_id"]} ("{one_line(related["file_name"])}", received {received})'

    def _numbers(self) -> str:
        replaced = self.document["replaced"]
        return "submission " + ", ".join(map(str, replaced)) if replaced else "that day's submission"

    def origin(self) -> str:
        """Which file this answers."""
        document = self.document
        sheets = _sheets(document)
        sheet = f' (sheet "{one_line(sheets[0])}")' if len(sheets) == 1 else ""
        said = f'File "{one_line(document["file_name"])}"{sheet}, received {moment_of(document["received_at"])}{self._number()}.'
        if document["repairs"]:
            said += f" It mends rows of submission {document['repairs']}."
        elif document.get("replays"):
            said += f" Our rules were mended; submission {document['replays']} is judged again by them."
        elif document["replaced"] and not _is_withdrawal(document):
            said += f" It replaces {self._numbers()}."
        return said

    def _number(self) -> str:
        return "" if self.document["is_trial"] else f", submission {self.document['submission_id']}"

    def parts(self) -> Iterator[str]:
        """How the counts of each part add up, where that says more than the headline."""
        told = [part for part in self.document["parts"] if part["kind"] != "withdrawal"]
        if len(told) < 2 and not self.document["rows_not_data"]:
            return
        for part in told[:LISTED_PARTS]:
            sheet = f'Sheet "{part["sheet"]}"' if part["sheet"] else "Whole text"
            unit = f" ({part['unit']})" if part["unit"] != self.document["department_code"] else ""
            said = f"{sheet}{unit}: {part['rows_read']} rows read = {part['rows_accepted']} taken + {part['rows_set_aside']} returned"
            yield "  " + one_line(f"{said} + {part['rows_not_data']} not data (blank, total, notes)")
        if len(told) > LISTED_PARTS:
            yield f"  ... and {len(told) - LISTED_PARTS} more parts"

    def tables(self) -> Iterator[str]:
        """What was taken for the table, where it does not begin in the first line of the only sheet."""
        for table in _tables_found(self.document):
            first, last = table["header_lines"]
            lines = f"line {first}" if first == last else f"lines {first} to {last}"
            said = f'read as: sheet "{table["sheet"]}", ' if table["sheet"] else "read as: "
            said += f"header in {lines}, columns {' to '.join(dict.fromkeys(table['columns']))}, {table['n_columns']} known"
            if table["total_lines"]:
                said += f", totals in line {', '.join(map(str, table['total_lines'][:LISTED_PARTS]))} left out"
            if table["other_sheets"]:
                said += "; not read: sheet " + ", ".join(f'"{name}"' for name in table["other_sheets"])
            yield "  " + one_line(mask(f"{said}."))

    def section(self, severity: str) -> str:
        """What a group of findings begins with."""
        if self.document["state"] == "rejected":
            return {"warning": "Please check as well:", "repaired": "Understood as it is:"}.get(severity, self.sections[severity])
        return self.sections[severity]

    def finding(self, finding: Mapping[str, Any], *, with_sheet: bool) -> str:
        """One finding, and where it is."""
        said = finding["message_en"]
        value = _unsaid_value(self.document, finding, said)
        if value:
            said += f' (found "{value}")'
        places = (
            f'sheet "{finding["sheet"]}"' if with_sheet and finding["sheet"] else "",
            f"line {finding['row_number']}" if finding["row_number"] is not None else "",
            finding["cell"] or "",
        )
        place = " ".join(filter(None, places))
        return f"{place[:1].upper()}{place[1:]}: {said}" if place else said

    def more(self, n: int, *, in_workbook: bool) -> str:
        """How many more there are of a kind."""
        return f"... and {n} more of this kind{', see the workbook' if in_workbook else ''}."

    def next_steps(self) -> Iterator[str]:
        """What to do next, and until when."""
        document = self.document
        warned = any(count["severity"] == "warning" for count in document["finding_counts"])
        book = f'"{document["workbook"]}"'
        if document["is_trial"]:
            yield "This was a trial: nothing was kept. Drop the file into the inbox to send it."
            return
        match document["state"]:
            case "accepted":
                if document["repairs"] and document["n_still_returned"]:
                    yield f"{document['n_still_returned']} returned rows of submission {document['repairs']} are still to be mended and dropped."
                elif document["repairs"]:
                    yield f"All returned rows of submission {document['repairs']} are in; nothing more to send."
                else:
                    yield "Nothing more to send."
                if warned:
                    yield "To change a value, mend the whole file, add 更正 to its name and drop it again."
            case "partly_accepted":
                yield f"Open {book}, mend the yellow cells of its sheet 退回行, save and drop it into the inbox under any name; the {document['rows_accepted']} rows taken need not be sent again."
                if document["repairs"] and document["n_still_returned"] > document["rows_set_aside"]:
                    yield f"Of the rows returned from submission {document['repairs']}, {document['n_still_returned']} are still to be mended."
                yield from self._due()
            case "rejected":
                answers = _answers(document)
                if answers:
                    yield f"We ask back. Answer by one word in the file name and drop it again: {' or '.join(ANSWERS[word][1] for word in answers)}."
                    yield "If it was a mistake, mend it and send the whole file again without the word."
                elif is_mendable(document):
                    yield f"Open {book}, mend the yellow cells of its sheet 退回行, save and drop it into the inbox under any name."
                else:
                    yield "Mend it as said above and drop the whole file again."
                    if document["workbook"]:
                        yield f"The faulty cells are marked in {book}."
                yield from self._due()
            case "duplicate":
                yield "Nothing more to send. To correct it, change the content, add 更正 to the file name and drop it again."
            case "superseded":
                yield "Nothing more to send. If this one is right, give it a higher version (V3) or add 更正 to its name and drop it again."
            case "withdrawn":
                yield "The data of that day are no longer used. To report again, drop the right file."
            case _:
                yield "A receipt will follow."

    def _due(self) -> Iterator[str]:
        due = self.document["due_at"]
        if due and is_late(self.document):
            yield f"It was due at {moment_of(due)}: please send it soon."
        elif due:
            yield f"Please send it by {moment_of(due)}."


def is_mendable(document: Mapping[str, Any]) -> bool:
    """Whether mending the rows that went back, and only these, is enough."""
    return bool(document["n_returned"]) and not any(count["severity"] == "rejected" for count in document["finding_counts"])


def _is_withdrawal(document: Mapping[str, Any]) -> bool:
    return bool(document["parts"]) and all(part["kind"] == "withdrawal" for part in document["parts"])
