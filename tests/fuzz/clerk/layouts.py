"""How a sheet is built around the rows: file name, titles, header lines, declared units, order of columns, totals, notes, a second block."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column, Contract, Table
from tests.corpus.truth import canonical
from tests.fuzz.clerk.containers import Container, Page, container
from tests.fuzz.clerk.drafts import COUNTER, Block, Draft, Line, SheetDraft
from tests.fuzz.clerk.headers import hint_of, tidy_headers
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import FACTORS, SHARE_STYLES, Cell, Hand, family_of, in_unit, plain, share_styles, spell
from tests.fuzz.clerk.values import Values, rows_of


@dataclass(frozen=True)
class Units:
    """Where the clerk declares the unit of money, and which: `place` is empty where nowhere."""

    place: str
    money: str | None


PLACES = ("", "header", "title", "tail", "line", "corner", "note", "group", "sheet", "file")
DECLARED = [
    "单位：{}", "单位:{}", "金额单位：{}", "（单位：{}）", "单位：人民币{}", "计量单位：{}", "单位：户、{}", "单位：人、{}", "单位：户/{}", "金额单位：人民币{}",
    "币种：人民币  单位：{}", "单位： {}", "[单位：{}]", "单位（{}）", "单位为{}", "单位：家，{}", "金额单位：{}（保留两位小数）", "单位：{}、%", "单位:人、{}、%",
]  # fmt: skip
NOTES = ["单位：{}", "注：金额单位为{}。", "注：本表金额单位：{}", "说明：以上金额单位均为{}"]
SIGNED = [
    "填表人：示例  审核人：示例",
    "注：本表由示例单位填报",
    "说明：1.不含个体户；2.数据截至当日18时",
    "单位负责人：示例",
    "备注：无",
]


def draft(pick: Pick, contracts: Sequence[Contract], lists: Mapping[str, CodeList], most: int = 6) -> Draft:
    """A file of one report, filled in rightly, with at most so many rows in a table."""
    contract = pick.of(contracts)
    department = pick.of(contract.senders)
    tables = contract.tables_of(department)
    if len(tables) > 1 and pick.chance(2):
        tables = [pick.of(tables)]
    written = container(pick, is_text=None if len(tables) == 1 else False)
    stem, day_in_title = _stem(pick, contract, department)
    out = Draft(contract, department, stem, written, [])
    for table in tables:
        rows = rows_of(pick, table, lists, most)
        can_name_file = len(tables) == 1
        units = choose_units(pick, table, rows, written, can_name_file=can_name_file)
        out.sheets.append(sheet(pick, contract, table, rows, lists, written, units, day_in_title=day_in_title))
        if units.place == "file":
            out.stem += pick.of(["（单位{}）", "（{}）", "_单位：{}", "(单位：{})"]).format(units.money)
    if not written.is_text and pick.chance(4):
        out.other_pages = pick.of(
            [[Page("填表说明", [["填表说明"], ["1.请按日填报，不漏报。"], ["2.没有数据的留空。"]])], [Page("封面", [["示例区"]])]]
        )
    return out


def _stem(pick: Pick, contract: Contract, department: str) -> tuple[str, str]:
    """A file name, and the day as the title repeats it."""
    name = pick.of([contract.name, contract.name + "表"])
    return pick.of([
        (f"20200318_{contract.report}_{department}_V1", ""), (f"{name}2020年3月18日", ""), (f"{name}3月18日", ""), (f"2020-03-18 {name}", "2020年3月18日"),
        (f"上街区{name}(2020.3.18)", "（2020年3月18日）"), (f"{contract.report}{name}", "2020年3月18日"), (f"{name}_20200318", "3月18日"),
    ])  # fmt: skip


def is_money(column: Column) -> bool:
    """Whether a unit of the whole table holds for the column. A price is no money of the table, whatever its unit is called."""
    return (column.unit == "元" and "price" not in column.name.removeprefix("unit_")) or column.name in (
        "start_price",
        "floor_price",
        "deal_price",
    )


def choose_units(pick: Pick, table: Table, rows: Sequence[Values], written: Container, *, can_name_file: bool = True) -> Units:
    """A place and a unit in which every amount of the table has an end."""
    money = [column for column in table.columns if is_money(column)]
    fitting = [unit for unit in FACTORS["money"] if all(fits(rows, column, unit) for column in money)]
    if not money or not fitting:
        return Units("", None)
    impossible = {"sheet"} if written.is_text else set[str]()
    impossible |= set() if can_name_file else {"file"}
    place = pick.of([place for place in PLACES if place not in impossible])
    return Units(place, pick.of(fitting) if place else None)


def fits(rows: Sequence[Values], column: Column, unit: str | None) -> bool:
    """Whether every value of the column can be written in the unit."""
    return all(
        isinstance(value := row[column.name], str) or value is None or in_unit(_number(value), column, unit) is not None
        for row in rows
    )


def _number(value: object) -> Decimal:
    assert isinstance(value, Decimal | int)
    return Decimal(value)


def hands_of(
    pick: Pick,
    table: Table,
    names: Sequence[str],
    rows: Sequence[Values],
    lists: Mapping[str, CodeList],
    written: Container,
    units: Units,
) -> tuple[dict[str, Hand], dict[str, str]]:
    """How each column is filled, and the unit or sign that its own header declares."""
    hands: dict[str, Hand] = {}
    declared: dict[str, str] = {}
    for name in names:
        column = table.by_name[name]
        unit, own = column.default_unit or column.unit, ""
        family = family_of(column)
        if family == "money" and is_money(column):
            fitting = [one for one in FACTORS["money"] if fits(rows, column, one)]
            if units.place in ("header", "tail") or (units.place in ("title", "note") and pick.chance(5)):
                own = pick.of(fitting)
                unit = own
            elif units.place == "line":
                unit = own = pick.of(fitting)
            elif units.money:
                unit = units.money
        elif family and column.unit and not column.default_unit and family != "money" and pick.chance(3):
            own = unit = pick.of([one for one in FACTORS[family] if fits(rows, column, one)])
        shares = None
        if column.unit == "%":
            style = pick.of(
                share_styles(
                    [_number(row[name]) for row in rows if row[name] is not None], is_text=written.is_text, is_rare=pick.is_rare
                )
            )
            assert style in SHARE_STYLES
            shares = style
            own = "%" if style == "percents under %" or (style in ("sign", "format") and pick.chance(2)) else ""
        if own:
            declared[name] = own
        codes = lists[column.code_list] if column.code_list else None
        hands[name] = Hand(column, unit, shares, codes, written.is_text, pick.is_rare)
    return hands, declared


def block(
    pick: Pick,
    table: Table,
    rows: Sequence[Values],
    lists: Mapping[str, CodeList],
    written: Container,
    units: Units,
    *,
    first: int = 1,
) -> Block:
    """A header and its lines."""
    empty = [column.name for column in table.columns if not column.is_mandatory and all(row[column.name] is None for row in rows)]
    order = [column.name for column in table.columns if column.name not in empty or pick.chance(2)]
    if pick.chance(2):
        order = pick.shuffled(order)
    hands, declared = hands_of(pick, table, order, rows, lists, written, units)
    texts = tidy_headers(pick, table, order)
    in_line = units.place == "line"
    for name in order:
        own = declared.get(name, "")
        column = table.by_name[name]
        if own and (not in_line or own == "%"):
            texts[name] += (
                own
                if units.place == "tail" and own != "%"
                else pick.of(["({})", "（{}）", "/{}", "[{}]", "【{}】", "\n({})"]).format(own)
            )
        elif not own and pick.chance(6):
            texts[name] += hint_of(column)
    habits = {name: pick.integer(0, 30) if pick.chance(2) else 0 for name in order}
    lines: list[Line] = []
    for number, row in enumerate(rows, first):
        cells: dict[str, Cell] = {name: spell(pick, hands[name], row[name], habits[name]) for name in order}
        cells[COUNTER] = number
        lines.append(Line(cells, {name: canonical(value) for name, value in row.items() if value not in (None, "")}))
    out = Block(order, texts, hands, lines)
    if in_line:
        out.unit_line = {name: pick.of(["({})", "{}"]).format(own) for name, own in declared.items() if own != "%"}
    if units.place == "group" and units.money:
        _group(pick, out, table, units.money)
    _add_columns(pick, out)
    _repeat_nothing(pick, out)
    return out


def _repeat_nothing(pick: Pick, made: Block) -> None:
    """What stands above is not typed again: 同上, or one merged cell."""
    texts = [
        name
        for name, hand in made.hands.items()
        if hand.column.logical_type == "string" and hand.column.key_position is None and hand.column.format is None
    ]
    for name in texts:
        if not pick.chance(12):
            continue
        if not made.hands[name].is_text and pick.chance(2):
            made.merged_down.add(name)
            continue
        for above, line in itertools.pairwise(made.lines):
            assert isinstance(line.cells, dict) and above.means is not None and line.means is not None
            if name in line.means and line.means[name] == above.means.get(name):
                line.cells[name] = pick.of(["同上", "〃", "同上 "])


def _group(pick: Pick, made: Block, table: Table, unit: str) -> None:
    """The amounts side by side under one name that declares their unit."""
    amounts = [name for name in made.order if is_money(table.by_name[name])]
    others = [name for name in made.order if name not in amounts]
    if not amounts:
        return
    at = pick.integer(1, len(others))
    made.order[:] = [*others[:at], *amounts, *others[at:]]
    names = ["金额（{}）", "资金情况({})", *(["金额 单位：{}"] if pick.is_rare else [])]
    made.group = (pick.of(names).format(unit), at, len(amounts))
    made.is_tall = pick.chance(2)


def _add_columns(pick: Pick, made: Block) -> None:
    """A counter in front, a column that nobody asked for, a blank one."""

    def insert(at: int, name: str) -> None:
        made.order.insert(at, name)
        if made.group and at <= made.group[1]:
            made.group = (made.group[0], made.group[1] + 1, made.group[2])

    inside = range(made.group[1] + 1, made.group[1] + made.group[2]) if made.group else range(0)
    if pick.chance(6):
        at = pick.integer(1, len(made.order))
        if at not in inside:
            insert(at, "示例附加列")
            made.texts["示例附加列"] = "示例附加列"
            for line in made.lines:
                assert isinstance(line.cells, dict)
                line.cells["示例附加列"] = "示例"
    if pick.chance(2):
        insert(0, COUNTER)
        made.texts[COUNTER] = "序号"


def sheet(
    pick: Pick,
    contract: Contract,
    table: Table,
    rows: Sequence[Values],
    lists: Mapping[str, CodeList],
    written: Container,
    units: Units,
    *,
    day_in_title: str = "",
) -> SheetDraft:
    """A sheet with titles, the table and what stands below."""
    made = block(pick, table, rows, lists, written, units)
    titles: list[list[Cell]] = []
    if day_in_title or pick.chance(2):
        titles.append([f"上街区{contract.name}{day_in_title}"])
    if pick.chance(4):
        titles.append(["填报单位：示例单位", None, "制表日期：2020年3月19日"])
    if units.place == "title":
        # Under a declared % a column of fractions would be one of percents.
        is_fraction = any(hand.shares == "shares" for hand in made.hands.values())
        text = pick.of([one for one in DECLARED if not (is_fraction and "%" in one)]).format(units.money)
        at = pick.of([0, 0, len(made.order) - 1])
        titles.append([*[None] * at, text])
    if units.place == "corner" and units.money:
        titles.append([*[None] * (len(made.order) - 1), pick.of(["{}", "（{}）", "{} "]).format(units.money)])
    if titles and pick.chance(4):
        titles += [[] for _ in range(pick.integer(1, 6))]
    tail: list[list[Cell]] = []
    if pick.chance(3):
        total(pick, made, table)
    if pick.chance(4):
        spoil_evenly(pick, made)
    if units.place == "note":
        tail.append([pick.of(NOTES).format(units.money)])
    if pick.chance(4):
        tail += [[]] * int(pick.chance(2))
        tail.append([pick.of(SIGNED)])
    name = table.sheets[0] if table.sheets else pick.of(["Sheet1", table.title])
    if units.place == "sheet":
        name = pick.of(["{}（{}）", "{}(单位：{})", "{}_{}"]).format(name, units.money).replace("：", "")
    return SheetDraft(table, name, titles, [made], tail, left=int(pick.chance(6)), can_merge=not written.is_text)


def total(pick: Pick, made: Block, table: Table, label: str = "合计") -> None:
    """A line with the sums of the amounts, where its label has room."""
    first = made.order[0]
    if first != COUNTER and (first not in table.by_name or table.by_name[first].logical_type != "string"):
        return
    cells: dict[str, Cell] = {first: label}
    for name in made.order:
        column = table.by_name.get(name)
        if column and column.logical_type == "number" and is_money(column) and name != first:
            values = [Decimal(str(line.means[name])) for line in made.lines if line.means and name in line.means]
            number = in_unit(sum(values, Decimal(0)), column, made.hands[name].unit)
            cells[name] = plain(number) if number is not None and values else None
    made.lines.append(Line(cells))


def spoil_evenly(pick: Pick, made: Block) -> None:
    """What printers and typists leave between the lines: a blank line, or the header once more at the top of a page."""
    above = [at for at, line in enumerate(made.lines) if "同上" not in str(line.cells) and "〃" not in str(line.cells)]
    at = pick.of([*above, len(made.lines)])
    if pick.chance(2) and at and not made.group and not made.unit_line:
        made.lines.insert(at, Line([*made.header()[0]]))
    else:
        made.lines.insert(at, Line([]))
