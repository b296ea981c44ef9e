"""Traps of what a number counts: units, percents, number formats."""

from __future__ import annotations

from decimal import Decimal

from fugong.contracts.contract import Column
from tests.fuzz.clerk.drafts import Block, Draft, Line, SheetDraft
from tests.fuzz.clerk.layouts import is_money
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import Shown, family_of, in_unit, plain
from tests.fuzz.clerk.trapping import DOUBTFUL, bare_money, data, doubt, filled, keys_of, plain_cell, set_cell

# --- 1: units ----------------------------------------------------------------------------------------------------------


def _title(sheet: SheetDraft, text: str) -> None:
    sheet.titles.append([text])


def two_units(pick: Pick, made: Draft) -> bool:
    """The title says one unit, the note below another."""
    sheet = made.sheets[0]
    if _declares(made):
        return False
    one, other = pick.of([("万元", "元"), ("元", "万元"), ("千元", "万元"), ("亿元", "万元")])
    _title(sheet, f"单位：{one}")
    sheet.tail.append([pick.of(["注：金额单位为{}。", "单位：{}"]).format(other)])
    return doubt(sheet.blocks[0], bare_money(sheet.blocks[0]))


def header_against_line(pick: Pick, made: Draft) -> bool:
    """The header says one unit, the line of units below it another."""
    block = made.sheets[0].blocks[0]
    names = [name for name in block.hands if is_money(block.hands[name].column) and "元" not in block.texts[name]]
    if not names or block.unit_line or block.group:
        return False
    name = pick.of(names)
    one, other = pick.of([("万元", "元"), ("元", "万元"), ("千元", "万元")])
    block.texts[name] += f"({one})"
    block.unit_line = {name: f"({other})"}
    for line in data(block):
        if line.means and name in line.means:
            plain_cell(block, line, name)
    return doubt(block, [name])


def unknown_unit(pick: Pick, made: Draft) -> bool:
    """A unit that is no unit of money here."""
    sheet = made.sheets[0]
    if _declares(made):
        return False
    text = pick.of(
        [
            "单位：万美元",
            "单位：USD",
            "单位：港币",
            "金额单位：美元",
            "单位：元/万元",
            "单位：日元",
            "金额单位：见各列",
            "单位：万 美 元",
            "（单位：欧元）",
        ]
    )
    place = pick.of(["title", "corner", "note"])
    if place == "note":
        sheet.tail.append([text])
    else:
        sheet.titles.append([*[None] * (len(sheet.blocks[0].order) - 1 if place == "corner" else 0), text])
    return doubt(sheet.blocks[0], bare_money(sheet.blocks[0]))


ODD_UNITS = {
    "万元": [
        "单位：万",
        "万",
        "单位：RMB万元",
        "单位：万元人民币",
        "单位：万圆",
        "单位：人民币（万元）",
        "金额单位:人民币万圆",
        "单位：W元",
        "单位：万元/人",
        "单位：萬元",
    ],
    "元": ["单位：RMB", "单位：￥", "单位：CNY", "单位：圆", "单位：人民币", "单位：元/户", "单位：元、人次"],
    "千元": ["单位：千", "单位：仟元", "单位：人民币千元"],
    "百万元": ["单位：百万", "单位：佰万元", "单位：人民币百万元"],
    "亿元": ["单位：亿", "亿", "单位：人民币亿元"],
}


def odd_unit(pick: Pick, made: Draft) -> bool:
    """The table's unit in a spelling that is read or asked, but never taken for another."""
    sheet = made.sheets[0]
    for line in sheet.titles:
        for at, cell in enumerate(line):
            for unit in sorted(ODD_UNITS, key=len, reverse=True):
                if isinstance(cell, str) and unit in cell:
                    line[at] = pick.of(ODD_UNITS[unit])
                    return True
    return False


def unit_of_area(pick: Pick, made: Draft) -> bool:
    """The base of land use tax is an area: a unit of money declared for the table is none of it."""
    block = made.sheets[0].blocks[0]
    unit = block.hands["base_amount"].unit if "base_amount" in block.hands else None
    lines = [line for line in data(block) if line.means]
    if unit in (None, "元") or "base_amount" not in block.hands or not lines or "levy_item" not in block.order:
        return False
    line = pick.of(lines)
    set_cell(line, "levy_item", "城镇土地使用税", "城镇土地使用税")
    set_cell(line, "base_amount", "5000" if made.container.is_text else 5000, 5000)
    for name in ("rate_std", "rate_act"):
        set_cell(line, name, None)
    return True


SENTENCES = [
    "其中增值税减免12.5万元", "本周共拨付资金3亿元", "注：人民币1万元以下的不统计", "累计为示例企业减负1,250万元，惠及28户", "说明：百万元以上的逐笔列示", "目标任务：5000万元",
    "示例万元户超市不在统计范围", "同比增加3万元（增长2%）",
]  # fmt: skip


def amount_in_sentence(pick: Pick, made: Draft) -> bool:
    """An amount in a title or a note declares no unit."""
    sheet = pick.of(made.sheets)
    (sheet.titles if pick.chance(2) else sheet.tail).append([pick.of(SENTENCES)])
    return True


def unit_between(pick: Pick, made: Draft) -> bool:
    """A line between the rows that declares a unit, as the head of a new page may: the rows below it are counted in it."""
    sheet = made.sheets[0]
    block = sheet.blocks[0]
    lines, names = data(block), bare_money(block)
    if _declares(made) or len(lines) < 2:
        return False
    unit = pick.of(["万元", "亿元"])
    below = [(line, name) for line, name in filled(block, names) if line is not lines[0]]
    if any(in_unit(Decimal(str((line.means or {})[name])), block.hands[name].column, unit) is None for line, name in below):
        return False
    for line, name in below:
        plain_cell(block, line, name, unit)
    at = next(order for order, line in enumerate(block.lines) if line is lines[1])
    block.lines.insert(at, Line([pick.of(["单位：{}", "（单位：{}）"]).format(unit)]))
    return bool(below)


def quantity_in_title(pick: Pick, made: Draft) -> bool:
    """The title declares the unit of a quantity."""
    sheet = made.sheets[0]
    block = sheet.blocks[0]
    for name, unit, big in (
        ("kwh_day", "千瓦时", "万千瓦时"),
        ("quantity", "千瓦时", "万千瓦时"),
        ("quantity", "立方米", "万立方米"),
    ):
        hand = block.hands.get(name)
        if hand is None or hand.column.unit != unit or hand.unit != unit or unit in block.texts[name] or _declares(made):
            continue
        cells = filled(block, [name])
        if any(in_unit(Decimal(str((line.means or {})[name])), hand.column, big) is None for line, _ in cells):
            return False
        _title(sheet, f"单位：{big}" if name == "kwh_day" else f"单位：{big}、元")
        for line, _ in cells:
            plain_cell(block, line, name, big)
        return bool(cells)
    return False


def _declares(made: Draft) -> bool:
    """Whether the file declares a unit of money for its first table."""
    sheet = made.sheets[0]
    return any("元" in str(cell) for line in (*sheet.titles, *sheet.tail) for cell in line) or "元" in made.stem + sheet.name


# --- 2: percents -------------------------------------------------------------------------------------------------------


def mixed_scales(pick: Pick, made: Draft) -> bool:
    """Percents without a sign anywhere, and among them a number that may be a share."""
    if any("%" in str(cell) for sheet in made.sheets for line in sheet.titles for cell in line):
        return False
    for block in (block for sheet in made.sheets for block in sheet.blocks):
        for name, hand in block.hands.items():
            cells = filled(block, [name])
            if hand.column.unit != "%" or len(cells) < 2 or "%" in block.texts[name]:
                continue
            values = [Decimal(str((line.means or {})[name])) for line, _ in cells]
            if min(values) * 100 < 2:
                return False
            for (line, _), value in zip(cells, values, strict=True):
                set_cell(line, name, plain((value * 100).normalize()), value)
            odd = Decimal(pick.of(["0.5", "0.03", "0.85", "1"]))
            set_cell(cells[0][0], name, plain(odd), _share_or_percent(hand.column, odd, values[1:]))
            return True
    return False


def _share_or_percent(column: Column, odd: Decimal, others: list[Decimal]) -> Decimal | str:
    """What a number among percents means: what alone makes sense for the column; as a share it must also be like the others."""
    least, most = Decimal(str(column.minimum)), Decimal(str(column.maximum))
    may_be_share, may_be_percent = least <= odd <= most, least <= odd / 100 <= most
    if may_be_percent and not may_be_share:
        return odd / 100
    is_like = min(others) <= odd * Decimal("1.5") and odd <= max(others) * Decimal("1.5")
    return odd if may_be_share and not may_be_percent and is_like else DOUBTFUL


def per_mille(pick: Pick, made: Draft) -> bool:
    """A header that says per mille."""
    block = made.sheets[0].blocks[0]
    for name, hand in block.hands.items():
        cells = filled(block, [name])
        if hand.column.unit == "%" and cells and "%" not in block.texts[name]:
            block.texts[name] += "(‰)"
            for line, _ in cells:
                assert line.means
                set_cell(line, name, plain((Decimal(str(line.means[name])) * 1000).normalize()), line.means[name])
            return True
    return False


# --- 8: number formats -------------------------------------------------------------------------------------------------


def _money_cells(made: Draft) -> list[tuple[Block, Line, str]]:
    if made.container.is_text:
        return []
    return [
        (block, line, name) for sheet in made.sheets for block in sheet.blocks
        for line, name in filled(block, [one for one, hand in block.hands.items() if family_of(hand.column) == "money"])
    ]  # fmt: skip


def format_that_scales(pick: Pick, made: Draft) -> bool:
    """The cell holds yuan, and its format shows ten thousands of them, as the header says."""
    cells = [(block, line, name) for block, line, name in _money_cells(made) if block.hands[name].unit in ("万元", "千元")]
    if not cells:
        return False
    block, _, name = pick.of(cells)
    shows = ['0!.0,"万"', "0!.0000", '0"."0,'] if block.hands[name].unit == "万元" else ["#,##0.00,", "0.000,", '0,"千"']
    shown = pick.of(shows)
    for line, _ in filled(block, [name]):
        value = Decimal(str((line.means or {})[name]))
        set_cell(line, name, Shown(value, shown), value)
    return True


def unit_in_format(pick: Pick, made: Draft) -> bool:
    """The format writes a unit behind the number."""
    cells = [(block, line, name) for block, line, name in _money_cells(made) if block.hands[name].unit == "元"]
    if not cells:
        return False
    block, _, name = pick.of(cells)
    for line, _ in filled(block, [name]):
        value = Decimal(str((line.means or {})[name]))
        number = in_unit(value, block.hands[name].column, "万元")
        assert number is not None
        set_cell(line, name, Shown(number, pick.of(['0.00####"万元"', "0.00####\\万", '#,##0.00####"万"'])), value)
    return True


def hidden_value(pick: Pick, made: Draft) -> bool:
    """A format that shows nothing, or fewer digits than there are."""
    cells = _money_cells(made)
    if not cells:
        return False
    block, line, name = pick.of(cells)
    value = (line.means or {})[name]
    number = in_unit(Decimal(str(value)), block.hands[name].column, block.hands[name].unit)
    assert number is not None
    set_cell(line, name, Shown(number, pick.of([";;;", "0", '"—"', "#"])), value)
    return True


def letter_in_format(pick: Pick, made: Draft) -> bool:
    """A format that puts a letter and zeros before the digits of a key."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, keys_of(block))
    if not cells or made.container.is_text:
        return False
    for n, (line, name) in enumerate(cells, 1):
        set_cell(line, name, Shown(n, '"A"0000'), f"A{n:04d}")
    return True
