"""Traps of what stands around the cells: words, ragged records, blocks, headers."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal

from tests.fuzz.clerk.drafts import COUNTER, Block, Draft, Line
from tests.fuzz.clerk.layouts import is_money
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import Cell, in_unit, plain
from tests.fuzz.clerk.trapping import DOUBTFUL, bare_money, data, doubt, filled, of_type, plain_cell, set_cell

# --- 3: words that are no commands -------------------------------------------------------------------------------------

WORDS = [
    "填表说明：已作废的凭证不填，更正数据请另附说明，V2模板", "如需更正请联系示例科室", "本表未作废", "数据待确认", "请确认后上报", "不作废", "填报要求：更正的单元格请标黄",
    "凡作废票据不得计入", "若有更正，请在备注说明", "确认无误后签字盖章", "本表替代V1版模板（V3）", "注：作废数据已剔除",
]  # fmt: skip


def word_in_instructions(pick: Pick, made: Draft) -> bool:
    """A line of instructions with a word that is a mark elsewhere."""
    sheet = pick.of(made.sheets)
    (sheet.titles if pick.chance(2) else sheet.tail).append([pick.of(WORDS)])
    return True


def word_in_name(pick: Pick, made: Draft) -> bool:
    """The same in the file name, with a word before it that says the opposite."""
    made.stem += pick.of(
        ["（未确认）", "（待更正）", "_请确认", "（未作废）", "-待确认", "（如有更正另报）", "（作废数据已剔除）"]
    )
    return True


def word_in_cell(pick: Pick, made: Draft) -> bool:
    """The same in a text of the data."""
    block = made.sheets[0].blocks[0]
    cells = [
        (line, name)
        for line, name in filled(block, of_type(block, "string"))
        if name in ("remark", "issue_text", "content", "blocker", "spec", "activity")
    ]
    if not cells:
        return False
    line, name = pick.of(cells)
    word = pick.of(["更正", "作废", "上期数据更正", "V2", "作废凭证", "待确认"])
    set_cell(line, name, word, word)
    return True


# --- 4: ragged texts ---------------------------------------------------------------------------------------------------


def _shifted(
    pick: Pick, made: Draft, names: Callable[[Block], list[str]], change: Callable[[list[Cell], int], list[Cell]]
) -> bool:
    """Change the number of cells of one line, whose values from there on nobody can trust."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, names(block))
    if not made.container.name.startswith("csv") or not cells:
        return False
    line, name = pick.of(cells)
    at = block.order.index(name)
    after = set(block.order[at:])
    assert line.means
    if not after.intersection(line.means.keys() - {name}):
        return False  # Nothing stands behind it, so nothing is shifted.
    line.cells, line.means = (
        change(block.as_lists(line), at),
        {one: DOUBTFUL if one in after else value for one, value in line.means.items()},
    )
    made.is_ragged = True
    return True


def unquoted_comma(pick: Pick, made: Draft) -> bool:
    """A thousands comma that nobody quoted makes two cells of one."""
    return _shifted(
        pick,
        made,
        lambda block: of_type(block, "number", "integer"),
        lambda cells, at: [*cells[:at], "1", "250", *cells[at + 1 :]],
    )


def cell_left_out(pick: Pick, made: Draft) -> bool:
    """A cell is missing, and what follows stands one column too far left."""
    return _shifted(
        pick,
        made,
        lambda block: of_type(block, "number", "integer", "date", "string"),
        lambda cells, at: [*cells[:at], *cells[at + 1 :]],
    )


# --- 5: blocks ---------------------------------------------------------------------------------------------------------


def other_order_below(pick: Pick, made: Draft) -> bool:
    """A second header with the columns in another order, and the rest of the rows below it."""
    sheet = made.sheets[0]
    block = sheet.blocks[0]
    lines = data(block)
    if len(lines) < 2 or block.group or block.unit_line:
        return False
    at = pick.integer(1, len(lines) - 1)
    below = deepcopy(block)
    block.lines, below.lines = lines[:at], deepcopy(lines[at:])
    below.order = pick.shuffled(block.order)
    below.above = pick.of([[], [[]], [[], ["续表"]]])
    sheet.blocks.append(below)
    return True


def own_unit_below(pick: Pick, made: Draft) -> bool:
    """A second block that declares a unit of its own."""
    if not other_order_below(pick, made):
        return False
    below = made.sheets[0].blocks[-1]
    names = bare_money(below)
    if not names:
        return True
    unit = pick.of(["元", "万元"])
    if any(
        in_unit(Decimal(str((line.means or {})[name])), below.hands[name].column, unit) is None
        for line, name in filled(below, names)
    ):
        return True
    for line, name in filled(below, names):
        plain_cell(below, line, name, unit)
    for name in names:
        below.texts[name] += f"({unit})"
    return True


TOTAL_WORDS = [
    "汇总",
    "总数",
    "全区",
    "总合计",
    "Total",
    "TOTAL",
    "Grand total",
    "∑",
    "Σ",
    "合 计",
    "总　计",
    "全区合计",
    "合计：",
    "总计数",
    "小 计",
    "本页小计",
]


def odd_total(pick: Pick, made: Draft) -> bool:
    """A line of totals under another word."""
    block = made.sheets[0].blocks[0]
    texts = [
        name
        for name in block.order
        if name == COUNTER or (name in block.hands and block.hands[name].column.logical_type == "string")
    ]
    if not texts or not data(block) or block.order.index(texts[0]) > 2:
        return False
    sums = {
        name: sum((Decimal(str(line.means[name])) for line in data(block) if line.means and name in line.means), Decimal(0))
        for name, hand in block.hands.items()
        if is_money(hand.column) or hand.column.logical_type == "integer"
    }
    cells = {
        name: plain(number)
        for name, total in sums.items()
        if (number := in_unit(total, block.hands[name].column, block.hands[name].unit)) is not None
    }
    block.lines.append(Line({**cells, texts[0]: pick.of(TOTAL_WORDS)}))
    return True


def column_numbers(pick: Pick, made: Draft) -> bool:
    """A line of column numbers under the header."""
    block = made.sheets[0].blocks[0]
    n = len(block.order)
    line = pick.of([
        [str(at) for at in range(1, n + 1)], [f"({at})" for at in range(1, n + 1)], [f"（{at}）" for at in range(1, n + 1)],
        [*"甲乙丙丁"[: min(3, n)], *(str(at) for at in range(1, n - 2))], ["栏次", *(str(at) for at in range(1, n))], [chr(64 + at) if at < 27 else "Z" for at in range(1, n + 1)],
        [chr(0x245F + at) if at <= 20 else "" for at in range(1, n + 1)],
    ])  # fmt: skip
    block.lines.insert(0, Line(list(line)))
    return True


def prefilled(pick: Pick, made: Draft) -> bool:
    """Rows that the template's maker filled with a township and zeros, and nobody else did."""
    block = made.sheets[0].blocks[0]
    if "township_code" not in block.order:
        return False
    for name in ["济源路街道", "峡窝镇", "矿山街道"][: pick.integer(1, 3)]:
        zeros = dict.fromkeys(of_type(block, "number", "integer"), 0)
        block.lines.append(Line({**zeros, "township_code": name, COUNTER: len(block.lines) + 1}))
    return True


def sheet_per_township(pick: Pick, made: Draft) -> bool:
    """The rows on several sheets under the same header."""
    [sheet, *others] = made.sheets
    block = sheet.blocks[0]
    lines = data(block)
    if others or made.container.is_text or len(lines) < 2 or "元" in sheet.name:  # its name declares the unit
        return False
    at = pick.integer(1, len(lines) - 1)
    other = deepcopy(sheet)
    block.lines, other.blocks[0].lines = lines[:at], deepcopy(lines[at:])
    sheet.name, other.name = pick.of(
        [("济源路街道", "峡窝镇"), ("1", "2"), ("Sheet1", "Sheet2"), ("工行", "农行"), ("上半月", "下半月"), ("合格", "其他")]
    )
    made.sheets.append(other)
    return True


def same_key_on_two_sheets(pick: Pick, made: Draft) -> bool:
    """A copy of the sheet, in which one value is another."""
    [sheet, *others] = made.sheets
    cells = filled(sheet.blocks[0], of_type(sheet.blocks[0], "number", "integer"))
    if others or made.container.is_text or not cells:
        return False
    other = deepcopy(sheet)
    other.name = pick.of(["Sheet2", "二", "修改"])
    line, name = pick.of(filled(other.blocks[0], of_type(other.blocks[0], "number", "integer")))
    assert isinstance(line.cells, dict)
    line.cells[name] = "7"
    if sheet.table.sheets and other.name != "修改":  # the sheet that is named as the table counts, and the other one is told
        for line in data(other.blocks[0]):
            line.means = None
    else:
        for block in (sheet.blocks[0], other.blocks[0]):
            doubt(block, [one.name for one in sheet.table.columns])
    made.sheets.append(other)
    return True


def merged_number(pick: Pick, made: Draft) -> bool:
    """A number in one cell merged over several rows belongs to none of them."""
    block = made.sheets[0].blocks[0]
    names = [name for name in of_type(block, "number", "integer") if name in block.order]
    lines = data(block)
    if made.container.is_text or len(lines) < 2 or not names or block.lines.index(lines[1]) != block.lines.index(lines[0]) + 1:
        return False
    name = pick.of(names)
    for line in lines[:2]:
        set_cell(line, name, 7, DOUBTFUL)
    for line in lines[2:]:
        set_cell(line, name, None)
    block.merged_down = {name}
    return True


# --- 9: headers --------------------------------------------------------------------------------------------------------


def remark_names_another(pick: Pick, made: Draft) -> bool:
    """A remark in the brackets of a header that names another column."""
    block = made.sheets[0].blocks[0]
    names = [name for name in block.order if name in block.hands]
    if len(names) < 3:
        return False
    one, other = pick.shuffled(names)[:2]
    block.texts[one] += pick.of(["（不含{}）", "({}除外)", "【见{}】", "（与{}一致）", "〔{}〕"]).format(
        block.hands[other].column.header
    )
    return True


def _has_header_again(block: Block) -> bool:
    return any(isinstance(line.cells, list) and line.cells for line in block.lines)


def header_twice(pick: Pick, made: Draft) -> bool:
    """One header over two columns with different values, also told apart only in brackets."""
    block = made.sheets[0].blocks[0]
    names = [name for name in of_type(block, "number", "integer", "date") if name in block.order and name in block.texts]
    cells = filled(block, names)
    if not cells or block.group or block.unit_line or _has_header_again(block):
        return False
    name = pick.of(cells)[1]
    suffixes = pick.of([("", ""), ("（本月）", "（上月）"), ("(申报数)", "(核定数)"), ("", "（累计）")])
    other = "again"
    block.order.insert(pick.integer(0, len(block.order)), other)
    block.texts[other] = block.texts[name] + suffixes[1]
    block.texts[name] += suffixes[0]
    for line in data(block):
        assert isinstance(line.cells, dict)
        line.cells[other] = "2020-01-31" if block.hands[name].column.logical_type == "date" else 7
    if suffixes[0] or not suffixes[1]:
        doubt(block, [name])
    return True


def similar_extra(pick: Pick, made: Draft) -> bool:
    """A column that nobody asked for, whose header is nearly that of another."""
    block = made.sheets[0].blocks[0]
    names = [name for name in of_type(block, "number", "integer") if name in block.order]
    if not names or block.group or block.unit_line or _has_header_again(block):
        return False
    name = pick.of(names)
    header = block.hands[name].column.header
    extra = pick.of(["上期{}", "累计{}", "{}同比", "去年{}", "应{}", "{}增幅(%)"]).format(header)
    if any(extra in hand.column.headers for hand in block.hands.values()):
        return False  # 应到岗人数 is a name of 正常用工人数
    block.order.insert(pick.integer(0, len(block.order)), "extra")
    block.texts["extra"] = extra
    for line in data(block):
        assert isinstance(line.cells, dict)
        line.cells["extra"] = 3
    return True
