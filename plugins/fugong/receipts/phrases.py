"""The phrases of a receipt in Chinese and English. `text` decides which of them a receipt says.

Phrases are `str.format` templates. Sentences that senders read are fixed: a receipt that is written again must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fugong.core.typesetting import set_chinese
from fugong.core.vocabulary import Lang, Severity


@dataclass(frozen=True)
class Phrases:
    """What a receipt can say in one language.

    Attributes:
        set_text: sets a sentence, such as its punctuation.
        at_place: joins a place (it may be empty) and the sentence of the finding there.
        comma: between the numbers of a list.
        or_: between the words by which a sender can answer.
        to: between the first and the last column of a table.
        outcomes: what was loaded, by case. `{numbers}` and `{related}` are phrases of their own; `<case>_unknown` stands for
            `{related}` where the other submission is not known.
        answers: word in a file name that answers a question of ours → the word, explained.
        steps: what to do next, by case. `{due}` stands for `due` or `overdue`; a step that comes out empty is left out.
        steps_on_page: the same where the receipt is a page with buttons and no folder is in sight; `steps` for the other cases.
    """

    lang: Lang
    set_text: Callable[[str], str]
    at_place: Callable[[str, str], str]
    comma: str
    or_: str

    headline: str
    unnamed: str
    dry_run: str
    outcomes: Mapping[str, str]
    related: str
    numbers: str
    no_numbers: str

    origin: str
    in_sheet: str
    its_number: str
    origin_of_repair: str
    origin_of_replay: str
    origin_of_replacement: str

    part: str
    part_sheet: str
    part_text: str
    part_unit: str
    withdrawn: str
    more_parts: str

    table: str
    table_sheet: str
    header_line: str
    header_lines: str
    to: str
    totals: str
    other_sheets: str
    other_sheet: str
    other_sheets_joined: str

    sections: Mapping[Severity, str]
    sections_of_rejected: Mapping[Severity, str]
    sheet: str
    line: str
    value: str
    more: str
    in_workbook: str

    workbook: str
    this_workbook: str
    answers: Mapping[str, str]
    due: str
    overdue: str
    steps: Mapping[str, Sequence[str]]
    steps_on_page: Mapping[str, Sequence[str]]

    colon: str
    verified: str
    verified_as: str
    answers_refused: str
    answers_taken: str
    answer_taken: str
    evidence: str


def _chinese_at_place(place: str, sentence: str) -> str:
    return place + ("" if not place or sentence.startswith("“") else " ") + sentence


def _english_at_place(place: str, sentence: str) -> str:
    return f"{place[:1].upper()}{place[1:]}: {sentence}" if place else sentence


CHINESE = Phrases(
    lang=Lang.ZH,
    set_text=set_chinese,
    at_place=_chinese_at_place,
    comma="、",
    or_=" 或 ",
    headline="{what} —— {state}{dry_run}:{outcome}",
    unnamed="“{file_name}”",
    dry_run="(试投,什么也没有保存)",
    outcomes={
        "withdrawal": "作废已办理,撤回{numbers}。",
        "nothing_new": "没有新的行,读到的行以前都已入库或不是数据。",
        "nil_report": "零报告,没有数据行。",
        "answers": "已收 {n_answers} 条核实说明。",
        "accepted": "已收 {accepted} 行,没有退回的行。",
        "partly_accepted": "已收 {accepted} 行,退回 {returned} 行。",
        "rejected_rows": "没有入库,退回 {returned} 行。",
        "rejected": "没有入库。",
        "duplicate": "内容与{related}完全相同,没有重复入库。",
        "duplicate_unknown": "以前的报送",
        "superseded": "{related}已经入库,以那一版为准。",
        "superseded_unknown": "更新的一版",
        "withdrawn": "已按{related}撤回。",
        "withdrawn_unknown": "作废文件",
        "received": "正在处理。",
    },
    related="第 {submission_id} 号报送(“{file_name}”,{received} 收到)",
    numbers="第 {numbers} 号报送",
    no_numbers="该日报送",
    origin="文件“{file_name}”{in_sheet},{received} 收到{its_number}。",
    in_sheet="(工作表“{sheet}”)",
    its_number=",报送编号 {submission_id}",
    origin_of_repair="这是第 {submission_id} 号报送退回行的补报。",
    origin_of_replay="我们更正了规则,按新规则重新判读了第 {submission_id} 号报送。",
    origin_of_replacement="替换了{numbers}。",
    part="{sheet}{unit}:读到 {rows_read} 行 = 入库 {rows_accepted} + 退回 {rows_set_aside} + 非数据行 {rows_not_data}(空行、合计、说明、以前已入库的行)",
    part_sheet="工作表“{sheet}”",
    part_text="全文",
    part_unit="({unit})",
    withdrawn="撤回:第 {submission_id} 号报送(“{file_name}”,{received} 收到),统计日 {day},已入库的 {rows} 行不再使用。",
    more_parts="……另有 {n} 个部分",
    table="读法:{sheet}{lines}作表头,{columns} 列,认出 {n_columns} 列{totals}{other_sheets}。",
    table_sheet="工作表“{sheet}”",
    header_line="第 {first} 行",
    header_lines="第 {first}–{last} 行",
    to="–",
    totals=",合计行第 {lines} 行不算数据",
    other_sheets=";工作表{sheets}没有读",
    other_sheet="“{sheet}”",
    other_sheets_joined="",
    sections={
        Severity.REJECTED: "整份退回的原因:",
        Severity.SET_ASIDE: "退回的行:",
        Severity.WARNING: "提醒(已收下,请核对):",
        Severity.REPAIRED: "已代为规范(不必重报):",
    },
    sections_of_rejected={
        Severity.WARNING: "另请核对(这次没有收;重报时不改的,照此处理):",
        Severity.REPAIRED: "已能看懂的写法(不改也可以):",
    },
    sheet="工作表“{sheet}”",
    line="第 {line} 行",
    value="(填的是“{value}”)",
    more="……同类问题还有 {n} 处{in_workbook}。",
    in_workbook=",见回执工作簿",
    workbook="回执工作簿“{workbook}”",
    this_workbook="本工作簿",
    answers={
        "确认": "确认(就照这样收)",
        "更正": "更正(替换以前报的)",
        "作废": "作废(撤回以前报的)",
    },
    due="请在 {due} 前报送。",
    overdue="报送时限 {due} 已过,请尽快补报。",
    steps={
        "dry_run": ("这是试投,什么也没有保存。", "正式报送请再报一次这份文件。", "{due}"),
        "dry_run_faulty": ("这是试投,什么也没有保存。", "请在原文件中改好后,再报送整份文件。", "{due}"),
        "accepted": ("不必再报。",),
        "withdrawal": ("如果并不想作废,请把原来的文件(文件名中不带“作废”)重新放入收件夹,数据即恢复。", "作废属实的,不必再报。"),
        "repaired": ("第 {repairs} 号报送退回的行已全部补齐,不必再报。",),
        "still_returned": ("第 {repairs} 号报送还有 {n_still_returned} 行退回的没有补报,请改好后放回收件夹。",),
        "warned": ("如提醒事项确需改数,请改好整份文件,在文件名中加“更正”二字放入收件夹。",),
        "partly_accepted": (
            "请在{workbook}的“退回行”中改好标黄的单元格,保存后放回收件夹即可,文件名不必改;已入库的 {rows_accepted} 行不必再报。",
        ),
        "repair_partly_accepted": ("第 {repairs} 号报送退回的行中,还有 {n_still_returned} 行没有补齐。",),
        "asked_back": (
            "这是向贵单位核实的问题,在文件名中加一个词重新放入收件夹即可回答:{answers}。",
            "如果是报错了,请改好后整份重报,文件名不必加词。",
        ),
        "mendable": ("请在{workbook}的“退回行”中改好标黄的单元格,保存后放回收件夹即可,文件名不必改。",),
        "resend": ("请按上面所说改好后,把整份文件重新放入收件夹。",),
        "marked": ("有问题的单元格已在{workbook}中标出,供对照修改。",),
        "due": ("{due}",),
        "duplicate": ("不必再报。如本想更正,请先改好内容,在文件名中加“更正”二字,再放入收件夹。",),
        "superseded": ("不必再报。如果这一份才是对的,请在文件名中写明更高的版本号(如 V3)或加“更正”二字,再放入收件夹。",),
        "withdrawn": ("该日数据已不再使用。如需重新报送,请把正确的文件放入收件夹。",),
        "received": ("处理完毕后会另有回执,请稍候。",),
        "true_rows": ("退回的行如果数没有错,不要改数,在“核实结果”“核实说明”里写明,放回收件夹。",),
        "to_verify": ("提醒的事项如果属实,请在{workbook}的“待核实”中选“属实”并写明理由,放回收件夹;值不变的,以后不再询问。",),
        "answers_partly": ("没有收的几条,请按上面所说改好后再放入;收下的不必再答。",),
    },
    steps_on_page={
        "dry_run": ("这是试投,什么也没有保存。", "{due}"),
        "dry_run_faulty": ("这是试投,什么也没有保存。请在原文件中改好后,再上传整份文件。", "{due}"),
        "withdrawal": ("如果并不想作废,请重新上传原来的文件(文件名中不带“作废”),数据即恢复。", "作废属实的,不必再报。"),
        "still_returned": ("第 {repairs} 号报送还有 {n_still_returned} 行退回的没有补报,请打开第 {repairs} 号回执接着改。",),
        "warned": ("如提醒事项确需改数,请改好整份文件,在文件名中加“更正”二字,再上传。",),
        "partly_accepted": (
            "请点下面的按钮改退回的行,改好就发送;也可以下载回执工作簿,改好标黄的单元格再上传。已入库的 {rows_accepted} 行不必再报。",
        ),
        "asked_back": (
            "这是向贵单位核实的问题,在文件名中加一个词重新上传即可回答:{answers}。",
            "如果是报错了,请改好后整份重报,文件名不必加词。",
        ),
        "mendable": ("请点下面的按钮改退回的行,改好就发送;也可以下载回执工作簿,改好标黄的单元格再上传。",),
        "resend": ("请按列出的原因改好原文件,再上传整份文件。",),
        "duplicate": ("不必再报。如本想更正,请先改好内容,在文件名中加“更正”二字,再上传。",),
        "superseded": ("不必再报。如果这一份才是对的,请在文件名中写明更高的版本号(如 V3)或加“更正”二字,再上传。",),
        "withdrawn": ("该日数据已不再使用。如需重新报送,请上传正确的文件。",),
        "true_rows": ("退回的行如果数没有错,不要改数,在行末选核实结果、写明理由。",),
        "to_verify": ("提醒的事项如果属实,请点“核实”,选“属实”并写明理由;值不变的,以后不再询问。",),
        "answers_partly": ("没有收的几条,请改好后再发;收下的不必再答。",),
    },
    colon=":",
    verified="以前已核实,不再询问:",
    verified_as="(已核实{said})",
    answers_refused="没有收的核实说明:",
    answers_taken="收下的核实说明:",
    answer_taken="题号 {question_id}({about}):{said}",
    evidence="存证首 {head} 已含本报送:请留存本回执,日后凭它可以查出记录有没有被改过。",
)

ENGLISH = Phrases(
    lang=Lang.EN,
    set_text=str,
    at_place=_english_at_place,
    comma=", ",
    or_=" or ",
    headline="{what} -- {state}{dry_run}: {outcome}",
    unnamed="{file_name}",
    dry_run=" (only tried, nothing kept)",
    outcomes={
        "withdrawal": "withdrawal done: {numbers}.",
        "nothing_new": "no new rows: all were taken before or are no data.",
        "nil_report": "nil report, no rows.",
        "answers": "{n_answers} answers taken.",
        "accepted": "{accepted} rows taken, none returned.",
        "partly_accepted": "{accepted} rows taken, {returned} returned.",
        "rejected_rows": "nothing taken, {returned} rows returned.",
        "rejected": "nothing taken.",
        "duplicate": "same content as {related}; not taken twice.",
        "duplicate_unknown": "an earlier submission",
        "superseded": "{related} is already in and counts instead.",
        "superseded_unknown": "a newer version",
        "withdrawn": "withdrawn by {related}.",
        "withdrawn_unknown": "a withdrawal",
        "received": "in work.",
    },
    related='submission {submission_id} ("{file_name}", received {received})',
    numbers="submission {numbers}",
    no_numbers="that day's submission",
    origin='File "{file_name}"{in_sheet}, received {received}{its_number}.',
    in_sheet=' (sheet "{sheet}")',
    its_number=", submission {submission_id}",
    origin_of_repair=" It mends rows of submission {submission_id}.",
    origin_of_replay=" Our rules were mended; submission {submission_id} is judged again by them.",
    origin_of_replacement=" It replaces {numbers}.",
    part="{sheet}{unit}: {rows_read} rows read = {rows_accepted} taken + {rows_set_aside} returned"
    " + {rows_not_data} not data (blank, total, notes, loaded before)",
    part_sheet='Sheet "{sheet}"',
    part_text="Whole text",
    part_unit=" ({unit})",
    withdrawn='withdrawn: submission {submission_id} ("{file_name}", received {received}), report date {day}; its {rows} rows no longer count.',
    more_parts="... and {n} more parts",
    table="read as: {sheet}header in {lines}, columns {columns}, {n_columns} known{totals}{other_sheets}.",
    table_sheet='sheet "{sheet}", ',
    header_line="line {first}",
    header_lines="lines {first} to {last}",
    to=" to ",
    totals=", totals in line {lines} left out",
    other_sheets="; not read: sheet {sheets}",
    other_sheet='"{sheet}"',
    other_sheets_joined=", ",
    sections={
        Severity.REJECTED: "Why the whole file goes back:",
        Severity.SET_ASIDE: "Rows returned:",
        Severity.WARNING: "Please check (taken):",
        Severity.REPAIRED: "Put into standard form by us (nothing to do):",
    },
    sections_of_rejected={
        Severity.WARNING: "Please check as well (nothing was taken this time; what is sent again unchanged is treated like this):",
        Severity.REPAIRED: "Understood as it is:",
    },
    sheet='sheet "{sheet}"',
    line="line {line}",
    value=' (found "{value}")',
    more="... and {n} more of this kind{in_workbook}.",
    in_workbook=", see the workbook",
    workbook='"{workbook}"',
    this_workbook="this workbook",
    answers={
        "确认": "确认 (take it as it is)",
        "更正": "更正 (it replaces what was sent before)",
        "作废": "作废 (it withdraws what was sent before)",
    },
    due="Please send it by {due}.",
    overdue="It was due at {due}: please send it soon.",
    steps={
        "dry_run": ("This was a trial: nothing was kept. Send the file again to report it.",),
        "dry_run_faulty": ("This was a trial: nothing was kept. Send the file again to report it.",),
        "accepted": ("Nothing more to send.",),
        "withdrawal": (
            "If that was not meant, drop the earlier file again, without 作废 in its name: its rows count again.",
            "If it was meant, nothing more to send.",
        ),
        "repaired": ("All returned rows of submission {repairs} are in; nothing more to send.",),
        "still_returned": ("{n_still_returned} returned rows of submission {repairs} are still to be mended and dropped.",),
        "warned": ("To change a value, mend the whole file, add 更正 to its name and drop it again.",),
        "partly_accepted": (
            (
                "Open {workbook}, mend the yellow cells of its sheet 退回行, save and drop it into the inbox under any name;"
                " the {rows_accepted} rows taken need not be sent again."
            ),
        ),
        "repair_partly_accepted": ("Of the rows returned from submission {repairs}, {n_still_returned} are still to be mended.",),
        "asked_back": (
            "We ask back. Answer by one word in the file name and drop it again: {answers}.",
            "If it was a mistake, mend it and send the whole file again without the word.",
        ),
        "mendable": (
            "Open {workbook}, mend the yellow cells of its sheet 退回行, save and drop it into the inbox under any name.",
        ),
        "resend": ("Mend it as said above and drop the whole file again.",),
        "marked": ("The faulty cells are marked in {workbook}.",),
        "due": ("{due}",),
        "duplicate": ("Nothing more to send. To correct it, change the content, add 更正 to the file name and drop it again.",),
        "superseded": (
            "Nothing more to send. If this one is right, give it a higher version (V3) or add 更正 to its name and drop it again.",
        ),
        "withdrawn": ("The data of that day are no longer used. To report again, drop the right file.",),
        "received": ("A receipt will follow.",),
        "true_rows": ("If the value of a returned row is right, leave it, and fill in 核实结果 and 核实说明.",),
        "to_verify": (
            (
                "If a value that we ask about is right, choose 属实 in the sheet 待核实 of {workbook}, write the reason, and drop it into"
                " the inbox; we do not ask again while the value stays."
            ),
        ),
        "answers_partly": ("Mend the answers that were not taken and drop them again; the others need not be sent again.",),
    },
    steps_on_page={
        "dry_run": ("This was a dry run: nothing was kept.", "{due}"),
        "dry_run_faulty": ("This was a dry run: nothing was kept. Mend the file and upload the whole of it again.", "{due}"),
        "withdrawal": (
            "If that was not meant, upload the earlier file again, without 作废 in its name: its rows count again.",
            "If it was meant, nothing more to send.",
        ),
        "still_returned": (
            "{n_still_returned} returned rows of submission {repairs} are still to be mended: open receipt {repairs} and go on.",
        ),
        "warned": ("To change a value, mend the whole file, add 更正 to its name and upload it.",),
        "partly_accepted": (
            (
                "Mend the returned rows with the button below and send them; or download the workbook, mend its yellow cells and"
                " upload it. The {rows_accepted} rows taken need not be sent again."
            ),
        ),
        "asked_back": (
            "We ask back. Answer by one word in the file name and upload it again: {answers}.",
            "If it was a mistake, mend it and send the whole file again without the word.",
        ),
        "mendable": (
            (
                "Mend the returned rows with the button below and send them; or download the workbook, mend its yellow cells and"
                " upload it."
            ),
        ),
        "resend": ("Mend the file for the reasons listed, and upload the whole of it again.",),
        "duplicate": ("Nothing more to send. To correct it, change the content, add 更正 to the file name and upload it.",),
        "superseded": (
            "Nothing more to send. If this one is right, give it a higher version (V3) or add 更正 to its name and upload it again.",
        ),
        "withdrawn": ("The data of that day are no longer used. To report again, upload the right file.",),
        "true_rows": ("If the value of a returned row is right, leave it, choose an answer at the end of the row and say why.",),
        "to_verify": (
            "If a value that we ask about is right, answer so and say why; we do not ask again while the value stays.",
        ),
        "answers_partly": ("Mend the answers that were not taken and send them again; the others need not be sent again.",),
    },
    colon=": ",
    verified="Verified before, not asked again:",
    verified_as=" (verified: {said})",
    answers_refused="Answers not taken:",
    answers_taken="Answers taken:",
    answer_taken="question {question_id} ({about}): {said}",
    evidence="Head {head} contains this submission: keep the receipt, and nobody can change what was settled unseen.",
)

PHRASES: Mapping[Lang, Phrases] = {phrases.lang: phrases for phrases in (CHINESE, ENGLISH)}
