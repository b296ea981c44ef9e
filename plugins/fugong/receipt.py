"""The receipt: our answer to a submission, made from the tables alone, so that it can be written again at any time.

A receipt keeps the state of its moment. What moves on later (the state, who replaced whom) is noted in
`intake.submission.receipt` by the first `write` and read from there ever after.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from fugong import returned_rows
from fugong.contract import Contracts
from fugong.personal_data import mask
from fugong.safe_text import file_stem, one_line
from fugong.settings import Settings
from fugong.typography import set_chinese

LOCAL = ZoneInfo("Asia/Shanghai")
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
LISTED_FINDINGS = 20_000
"""Findings in the .json; beyond it the first three of every code and column are kept, and `finding_counts` has them all."""
LISTED_PARTS = 20
RETURNED_NAME = re.compile(r"\.(\d+)\.退回行(?=\.|$|[^.]*\.xlsx$)")
NOT_IN_THE_RECEIPT = {"arrival_id", "receipt", "replied_at"}
"""Our own bookkeeping: two of them change when the receipt is written."""


class NotYetSettledError(Exception):
    """A receipt was asked for before the submission was settled. Ours: the steps run in order."""


@dataclass(frozen=True)
class Receipt:
    """A receipt and what has become of its submission since.

    Attributes:
        document: what the .json holds.
        state_now: the submission's state today; `document["state"]` is the one at the time of the receipt.
    """

    document: Mapping[str, Any]
    state_now: str


def returned_from(file_name: str) -> int | None:
    """The submission whose returned rows a file holds, by the name that we gave it; None if it is not one of ours."""
    found = RETURNED_NAME.search(file_name)
    return int(found.group(1)) if found else None


def without_our_ending(file_name: str) -> str:
    """The sender's part of the name of one of our files: `.12.退回行` must not be read as the twelfth of anything."""
    return RETURNED_NAME.sub("", file_name)


def write(connection: psycopg.Connection[Any], settings: Settings, contracts: Contracts, submission_id: int) -> list[Path]:
    """Write the receipt of a settled submission into its sender's outbox; the same files when repeated.

    Returns:
        The files: .json, .txt and, where rows went back, the workbook to mend.

    Raises:
        LookupError: there is no such submission.
        NotYetSettledError: it has not been settled.
    """
    receipt = load(connection, contracts, submission_id)
    document = receipt.document
    if document["state"] == "received":
        raise NotYetSettledError(f"Submission {submission_id} has not been settled; there is nothing to answer yet.")
    connection.execute(
        "UPDATE intake.submission SET receipt = %s WHERE submission_id = %s AND receipt IS NULL",
        (Jsonb({name: document[name] for name in MOMENT}), submission_id),
    )
    folder = settings.outbox / file_stem(document["department_code"])
    folder.mkdir(parents=True, exist_ok=True)
    stem = file_stem(document["file_name"])
    paths = [folder / f"{stem}.{submission_id}.回执.json", folder / f"{stem}.{submission_id}.回执.txt"]
    # Raw cells are deleted after their retention; a workbook written before that stays as it is.
    if document["workbook"] and returned_rows.has_cells(connection, submission_id):
        paths.append(folder / document["workbook"])
        with _replacing(paths[-1]) as draft:
            settings.spool.mkdir(parents=True, exist_ok=True)
            returned_rows.write(connection, contracts, document, draft, spool=settings.spool)
    with _replacing(paths[1]) as draft:
        # Notepad before Windows 10 (2018) shows a text with bare line feeds as one line.
        draft.write_text(text(document), encoding="utf-8", newline="\r\n")
    with _replacing(paths[0]) as draft:
        draft.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return paths


def load(connection: psycopg.Connection[Any], contracts: Contracts, submission_id: int) -> Receipt:
    """The receipt of a submission, from the tables.

    Raises:
        LookupError: there is no such submission.
    """
    rows = _rows(connection)
    found = rows("SELECT * FROM intake.submission WHERE submission_id = %s", submission_id)
    if not found:
        raise LookupError(f"没有第 {submission_id} 号报送。 | There is no submission {submission_id}.")
    submission = found[0]
    contract = next((contract for contract in contracts if submission["report"] in {contract.id, contract.report}), None)
    moment = submission["receipt"] or _moment(rows, submission)
    parts = rows(
        """
        SELECT
            part_id, table_name, sheet, unit, report_date, mode, kind, version, is_replacement, settled_at,
            rows_read, rows_accepted, rows_set_aside, rows_not_data
        FROM intake.part WHERE submission_id = %s ORDER BY part_id
        """,
        submission_id,
    )
    findings = rows(
        """
        SELECT sheet, row_number, cell, column_name, code, severity, value, message_zh, message_en, n_same
        FROM (
            SELECT
                finding.*,
                row_number() OVER (ORDER BY finding_id) AS place,
                row_number() OVER (
                    PARTITION BY severity, code, column_name ORDER BY finding_id
                ) AS place_in_group
            FROM intake.finding AS finding WHERE submission_id = %s
        ) AS numbered
        WHERE place <= %s OR place_in_group <= %s
        ORDER BY place
        """,
        submission_id,
        LISTED_FINDINGS,
        EXAMPLES,
    )
    counts = rows(
        """
        SELECT severity, code, column_name, sum(n_same)::bigint AS n
        FROM intake.finding WHERE submission_id = %s
        GROUP BY severity, code, column_name ORDER BY min(finding_id)
        """,
        submission_id,
    )
    codes = _code_columns(contracts, contract.id if contract else None)
    document: dict[str, Any] = {name: _plain(value) for name, value in submission.items() if name not in NOT_IN_THE_RECEIPT}
    document |= {name: moment[name] for name in MOMENT}
    if moment["related"]:
        document["related"] = {name: moment["related"][name] for name in ("submission_id", "file_name", "received_at")}
    document["state_zh"] = STATES_ZH[moment["state"]]
    document["report_name"] = contract.name if contract else None
    document["report_name_en"] = contract.name_en if contract else None
    document["parts"] = [{name: _plain(value) for name, value in part.items()} for part in parts]
    document["finding_counts"] = counts
    document["findings"] = [_masked(finding, codes) for finding in findings]
    return Receipt(document, submission["state"])


def text(document: Mapping[str, Any], lang: str = "zh") -> str:
    """The receipt in sentences: what was taken, what was not and how to mend it, what to do next and until when."""
    speak = _Chinese(document) if lang == "zh" else _English(document)
    lines = [speak.headline(), speak.origin(), *speak.parts()]
    for severity in ("rejected", "set_aside", "warning", "repaired"):
        said = list(_findings(document, severity, speak))
        if said:
            lines += ["", speak.section(severity), *said]
    lines += ["", *speak.next_steps()]
    return "\n".join(lines) + "\n"


MOMENT = ("state", "related", "replaced", "n_still_returned", "workbook")
"""What the first `write` fixes: the state, the submission that explains it, the ones it replaced or withdrew, rows of the
repaired submission still to be mended, and the name of the returned workbook."""

Rows = Callable[..., list[dict[str, Any]]]


def _rows(connection: psycopg.Connection[Any]) -> Rows:
    def rows(statement: str, *parameters: object) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()

    return rows


def _moment(rows: Rows, submission: Mapping[str, Any]) -> dict[str, Any]:
    submission_id = submission["submission_id"]
    related: list[dict[str, Any]] = []
    if submission["state"] == "duplicate":
        related = rows(
            """
            SELECT submission_id, file_name, received_at FROM intake.submission
            WHERE sha256 = %s AND department_code = %s AND submission_id < %s AND state NOT IN ('duplicate', 'rejected')
                AND (%s::text IS NULL OR report = %s)
            ORDER BY submission_id DESC LIMIT 1
            """,
            submission["sha256"],
            submission["department_code"],
            submission_id,
            submission["report"],
            submission["report"],
        )
    elif submission["state"] in {"superseded", "withdrawn"}:
        related = rows(
            """
            SELECT submission_id, file_name, received_at FROM intake.submission
            WHERE submission_id = (
                SELECT max(newer.submission_id) FROM intake.part AS older
                INNER JOIN intake.part AS newer ON newer.part_id = older.superseded_by
                WHERE older.submission_id = %s
            )
            """,
            submission_id,
        )
    elif submission["repairs"]:
        related = rows(
            "SELECT submission_id, file_name, received_at FROM intake.submission WHERE submission_id = %s",
            submission["repairs"],
        )
    replaced = rows(
        """
        SELECT DISTINCT older.submission_id FROM intake.part AS newer
        INNER JOIN intake.part AS older ON older.superseded_by = newer.part_id
        WHERE newer.submission_id = %s AND older.submission_id <> newer.submission_id
        ORDER BY 1
        """,
        submission_id,
    )
    counted = rows(
        """
        SELECT
            count(*) FILTER (WHERE submission_id = %s AND repaired_by IS NULL) AS n_still_returned,
            count(*) FILTER (WHERE submission_id = %s AND cells IS NOT NULL) AS n_own
        FROM intake.set_aside_row WHERE submission_id = ANY(%s)
        """,
        submission["repairs"],
        submission_id,
        [submission_id, submission["repairs"]],
    )[0]
    sends_rows_back = submission["state"] in {"partly_accepted", "rejected"} and counted["n_own"]
    return {
        "state": submission["state"],
        "related": {name: _plain(value) for name, value in related[0].items()} if related else None,
        "replaced": [row["submission_id"] for row in replaced],
        "n_still_returned": counted["n_still_returned"],
        "workbook": f"{file_stem(submission['file_name'])}.{submission_id}.退回行.xlsx" if sends_rows_back else None,
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _code_columns(contracts: Contracts, contract_id: str | None) -> frozenset[str]:
    contract = contracts.by_id.get(contract_id or "")
    tables = contract.tables if contract else ()
    return frozenset(name for table in tables for name in returned_rows.code_columns(table))


def _masked(finding: dict[str, Any], codes: frozenset[str]) -> dict[str, Any]:
    is_code = finding["column_name"] in codes
    for name in ("value", "message_zh", "message_en"):
        if finding[name] is not None:
            finding[name] = mask(finding[name], is_code=is_code)
    return finding


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A draft beside the file, which takes its name when it is complete."""
    draft = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _findings(document: Mapping[str, Any], severity: str, speak: _Chinese | _English) -> Iterator[str]:
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


def _moment_of(written: str) -> str:
    return datetime.fromisoformat(written).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def _is_late(document: Mapping[str, Any]) -> bool:
    return datetime.fromisoformat(document["due_at"]) < datetime.fromisoformat(document["received_at"])


def _sheets(document: Mapping[str, Any]) -> list[str]:
    """The sheets spoken of, in order."""
    return list(dict.fromkeys(item["sheet"] for item in (*document["parts"], *document["findings"]) if item["sheet"]))


def _unsaid_value(document: Mapping[str, Any], finding: Mapping[str, Any], message: str) -> str | None:
    """What was typed, if the sentence does not say it; not the file's own name, which the receipt begins with."""
    value = finding["value"]
    return value if value and value not in message and value != document["file_name"] else None


def _answers(document: Mapping[str, Any]) -> Sequence[str]:
    """The words by which the sender can answer what was asked back."""
    asked = "".join(finding["message_zh"] for finding in document["findings"] if finding["severity"] == "rejected")
    return [word for word in ANSWERS if f"“{word}”" in asked]


class _Chinese:
    """The receipt's sentences in Chinese."""

    sections: Mapping[str, str] = {
        "rejected": "整份退回的原因",
        "set_aside": "退回的行",
        "warning": "提醒(已收下,请核对)",
        "repaired": "已代为规范(不必重报)",
    }

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def headline(self) -> str:
        document = self.document
        what = (
            " ".join(filter(None, (document["report_date"], document["report_name"]))) or f"“{one_line(document['file_name'])}”"
        )
        return set_chinese(f"{what} —— {document['state_zh']}:{self._outcome()}")

    def _outcome(self) -> str:
        document, related = self.document, self.document["related"]
        accepted, returned = document["rows_accepted"], document["rows_set_aside"]
        match document["state"]:
            case "accepted" if _is_withdrawal(document):
                return f"作废已办理,撤回{self._numbers()}。"
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
            f"第 {related['submission_id']} 号报送(“{one_line(related['file_name'])}”,{_moment_of(related['received_at'])} 收到)"
        )

    def _numbers(self) -> str:
        return "第 " + "、".join(map(str, self.document["replaced"])) + " 号报送" if self.document["replaced"] else "该日报送"

    def origin(self) -> str:
        document = self.document
        sheets = _sheets(document)
        sheet = f"(工作表“{one_line(sheets[0])}”)" if len(sheets) == 1 else ""
        said = f"文件“{one_line(document['file_name'])}”{sheet},{_moment_of(document['received_at'])} 收到,报送编号 {document['submission_id']}。"
        if document["repairs"]:
            said += f"这是第 {document['repairs']} 号报送退回行的补报。"
        elif document["replaced"] and not _is_withdrawal(document):
            said += f"替换了{self._numbers()}。"
        return set_chinese(said)

    def parts(self) -> Iterator[str]:
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

    def section(self, severity: str) -> str:
        said = self.sections[severity]
        if self.document["state"] == "rejected":
            said = {"warning": "另请核对", "repaired": "已能看懂的写法(不改也可以)"}.get(severity, said)
        return set_chinese(f"{said}:")

    def finding(self, finding: Mapping[str, Any], *, with_sheet: bool) -> str:
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
        return set_chinese(f"……同类问题还有 {n} 处{',见附表“退回行”' if in_workbook else ''}。")

    def next_steps(self) -> Iterator[str]:
        for said in self._next_steps():
            yield set_chinese(said)

    def _next_steps(self) -> Iterator[str]:
        document = self.document
        warned = any(count["severity"] == "warning" for count in document["finding_counts"])
        book = f"附表“{document['workbook']}”"
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
                yield f"请在{book}中改好标黄的单元格,原样放回收件夹即可;已入库的 {document['rows_accepted']} 行不必再报。"
                yield from self._due()
            case "rejected":
                answers = _answers(document)
                if answers:
                    words = " 或 ".join(ANSWERS[word][0] for word in answers)
                    yield f"这是向贵单位核实的问题,在文件名中加一个词重新放入收件夹即可回答:{words}。"
                    yield "如果是报错了,请改好后整份重报,文件名不必加词。"
                elif document["workbook"] and not self._has_reason():
                    yield f"请在{book}中改好标黄的单元格,原样放回收件夹即可。"
                else:
                    yield "请按上面所说改好后,把整份文件重新放入收件夹。"
                    if document["workbook"]:
                        yield f"有问题的单元格已在{book}中标黄,供对照修改。"
                yield from self._due()
            case "duplicate":
                yield "不必再报。如本想更正,请先改好内容,在文件名中加“更正”二字,再放入收件夹。"
            case "superseded":
                yield "不必再报。如果这一份才是对的,请在文件名中写明更高的版本号(如 V3)或加“更正”二字,再放入收件夹。"
            case "withdrawn":
                yield "该日数据已不再使用。如需重新报送,请把正确的文件放入收件夹。"
            case _:
                yield "处理完毕后会另有回执,请稍候。"

    def _has_reason(self) -> bool:
        return any(count["severity"] == "rejected" for count in self.document["finding_counts"])

    def _due(self) -> Iterator[str]:
        due = self.document["due_at"]
        if due and _is_late(self.document):
            yield f"报送时限 {_moment_of(due)} 已过,请尽快补报。"
        elif due:
            yield f"请在 {_moment_of(due)} 前报送。"


class _English:
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
        document = self.document
        what = " ".join(filter(None, (document["report_date"], document["report_name_en"])))
        return f"{what or one_line(document['file_name'])} -- {STATES_EN[document['state']]}: {self._outcome()}"

    def _outcome(self) -> str:
        document, related = self.document, self.document["related"]
        accepted, returned = document["rows_accepted"], document["rows_set_aside"]
        match document["state"]:
            case "accepted" if _is_withdrawal(document):
                return f"withdrawal done: {self._numbers()}."
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
        received = _moment_of(related["received_at"])
        return f'submission {related["submission_id"]} ("{one_line(related["file_name"])}", received {received})'

    def _numbers(self) -> str:
        replaced = self.document["replaced"]
        return "submission " + ", ".join(map(str, replaced)) if replaced else "that day's submission"

    def origin(self) -> str:
        document = self.document
        sheets = _sheets(document)
        sheet = f' (sheet "{one_line(sheets[0])}")' if len(sheets) == 1 else ""
        said = f'File "{one_line(document["file_name"])}"{sheet}, received {_moment_of(document["received_at"])}, submission {document["submission_id"]}.'
        if document["repairs"]:
            said += f" It mends rows of submission {document['repairs']}."
        elif document["replaced"] and not _is_withdrawal(document):
            said += f" It replaces {self._numbers()}."
        return said

    def parts(self) -> Iterator[str]:
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

    def section(self, severity: str) -> str:
        if self.document["state"] == "rejected":
            return {"warning": "Please check as well:", "repaired": "Understood as it is:"}.get(severity, self.sections[severity])
        return self.sections[severity]

    def finding(self, finding: Mapping[str, Any], *, with_sheet: bool) -> str:
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
        return f"... and {n} more of this kind{', see the returned rows' if in_workbook else ''}."

    def next_steps(self) -> Iterator[str]:
        document = self.document
        warned = any(count["severity"] == "warning" for count in document["finding_counts"])
        book = f'"{document["workbook"]}"'
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
                yield f"Mend the yellow cells in {book} and drop that workbook into the inbox; the {document['rows_accepted']} rows taken need not be sent again."
                yield from self._due()
            case "rejected":
                answers = _answers(document)
                if answers:
                    yield f"We ask back. Answer by one word in the file name and drop it again: {' or '.join(ANSWERS[word][1] for word in answers)}."
                    yield "If it was a mistake, mend it and send the whole file again without the word."
                elif document["workbook"] and not any(count["severity"] == "rejected" for count in document["finding_counts"]):
                    yield f"Mend the yellow cells in {book} and drop that workbook into the inbox."
                else:
                    yield "Mend it as said above and drop the whole file again."
                    if document["workbook"]:
                        yield f"The faulty cells are marked yellow in {book}."
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
        if due and _is_late(self.document):
            yield f"It was due at {_moment_of(due)}: please send it soon."
        elif due:
            yield f"Please send it by {_moment_of(due)}."


def _is_withdrawal(document: Mapping[str, Any]) -> bool:
    return bool(document["parts"]) and all(part["kind"] == "withdrawal" for part in document["parts"])
