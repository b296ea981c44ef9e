"""Traps of single cells, and of days in names."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.fuzz.clerk.drafts import Draft
from tests.fuzz.clerk.layouts import is_money
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.spellings import Shown
from tests.fuzz.clerk.trapping import DOUBTFUL, data, filled, keys_of, of_type, set_cell
from tests.fuzz.clerk.values import DAY

# --- 6: numbers as keys ------------------------------------------------------------------------------------------------


def digits_eaten(pick: Pick, made: Draft) -> bool:
    """A key of 18 digits in a cell of numbers, or as a spreadsheet shows it."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, keys_of(block))
    if not cells:
        return False
    for line, name in cells:
        number = 341016000000000000 + pick.integer(1, 99) * 1000
        shown = ["3.41016E+17", "3.41E+17", "3.41016e+17", "341016000000000000.0"]
        set_cell(
            line, name, pick.of(shown if made.container.is_text else [number, Shown(Decimal(number), "0"), shown[0]]), DOUBTFUL
        )
        if not pick.chance(2):
            break
    return True


def marked_key(pick: Pick, made: Draft) -> bool:
    """A key behind a mark that says text."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, keys_of(block))
    for line, name in cells:
        key = str((line.means or {})[name])
        ways = [f"'{key}", f"`{key}", f"‘{key}", f"\t{key}", f'="{key}"', f'=T("{key}")', f"'{key}'"]
        set_cell(line, name, pick.of([*ways, f"{key}.0"] if key.isdigit() and key.isascii() else ways), key)
    return bool(cells)


def nothing_sign(pick: Pick, made: Draft) -> bool:
    """A sign for nothing that systems write into empty cells."""
    block = made.sheets[0].blocks[0]
    hit = False
    for line in data(block):
        for name, hand in block.hands.items():
            if hand.column.is_mandatory or not line.means or name in line.means or name not in block.order:
                continue
            signs = ["(null)", "NULL", "\\N", "null", "#", "- -", "——", "N/A", "n/a", "None", "nan"]
            if is_money(hand.column):
                signs += [" ¥- ", "￥-", " - ", "¥ -"]
            if hand.column.name == "reverses_id":
                signs = ["0", "0", "0.00", *signs]
            set_cell(line, name, pick.of(signs))
            hit = True
    return hit


def key_in_two_spellings(pick: Pick, made: Draft) -> bool:
    """Two rows with one key, once behind a mark or a blank."""
    block = made.sheets[0].blocks[0]
    names = keys_of(block)
    if len(names) != 1 or len(block.hands[names[0]].column.name) == 0 or len(data(block)) < 2:
        return False
    if sum(hand.column.key_position is not None for hand in block.hands.values()) != 1:
        return False
    one, other = data(block)[:2]
    key = str((one.means or {})[names[0]])
    set_cell(one, names[0], key, DOUBTFUL)
    set_cell(other, names[0], pick.of([f"'{key}", f" {key}", f"{key}\u200b", key]), DOUBTFUL)
    return True


# --- 7: dates ----------------------------------------------------------------------------------------------------------

RANGES = [
    "3月16-18日",
    "3.16-3.18",
    "2020-03-16至2020-03-18",
    "2020.3.16~3.18",
    "3月16日—3月18日",
    "2020年3月16日至18日",
    "3/16-3/18",
]


def range_in_cell(pick: Pick, made: Draft) -> bool:
    """A range where one day is wanted."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, of_type(block, "date"))
    if not cells:
        return False
    line, name = pick.of(cells)
    set_cell(line, name, pick.of([*RANGES, "03/04/2020", "3.1", "4/3/20"]), DOUBTFUL)
    return True


def next_day_in_utc(pick: Pick, made: Draft) -> bool:
    """An instant in another time zone: midnight in Shanghai is the evening before in Greenwich."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, of_type(block, "date"))
    if not cells:
        return False
    line, name = pick.of(cells)
    day = date.fromisoformat(str((line.means or {})[name]))
    set_cell(line, name, f"{day - timedelta(days=1)}T16:00:00Z", day)
    return True


def odd_day(pick: Pick, made: Draft) -> bool:
    """A day as few people write it. Nobody knows whether 3.1 was 3.10 before a spreadsheet read it; all else means one day."""
    block = made.sheets[0].blocks[0]
    cells = filled(block, of_type(block, "date"))
    for line, name in cells:
        day = date.fromisoformat(str((line.means or {})[name]))
        ways = [
            (f"{day:%y.%m.%d}", day),
            (f"{day.day}/{day.month}/{day.year}", day if day.day > 12 or day.day == day.month else DOUBTFUL),
            (f"{day:%y%m%d}", day),
            (f"{day:%Y%m%d}日", day),
            (f"{day:%b %d, %Y}", day),
        ]
        if (DAY - day).days in range(300):
            ways.append((f"{day.month}.{day.day}", DOUBTFUL if day.day in (1, 2, 3) else day))
        set_cell(line, name, *pick.of(ways))
    return bool(cells)


def range_in_name(pick: Pick, made: Draft) -> bool:
    """A range of days in the name of the file."""
    day = pick.of(
        [
            "2020年3月16-18日",
            "3.16-3.18",
            "3月16日至18日",
            "3月16日-3月18日",
            "20200316-20200318",
            "0316-0318",
            "2020.3.16~18",
            "3月16—18日",
        ]
    )
    made.stem = f"{made.contract.name}{day}"
    for sheet in made.sheets:
        sheet.titles = [line for line in sheet.titles if not any("18日" in str(cell) for cell in line)]
    made.must_go_back = True
    return True


def short_day_in_name(pick: Pick, made: Draft) -> bool:
    """A day in the file name in few characters."""
    day = pick.of(
        [
            "0318",
            "3-18",
            "20.3.18",
            "200318",
            "2020 3 18",
            "三月十八日",
            "二〇二〇年三月十八日",
            "2020年3月18",
            "3月18",
            "（3.18）",
        ]
    )
    said = [made.stem, *(str(cell) for sheet in made.sheets for line in sheet.titles for cell in line if "18日" in str(cell))]
    if any("元" in text or "%" in text for text in said):
        return False  # the name, or a title that names the day, declares a unit: it would be lost with it
    made.stem = f"{made.contract.name}{day}"
    for sheet in made.sheets:
        sheet.titles = [line for line in sheet.titles if not any("18日" in str(cell) for cell in line)]
    return True


def other_day_in_title(pick: Pick, made: Draft) -> bool:
    """The title names another day than the file name."""
    sheet = pick.of(made.sheets)
    day = pick.of(["2020年3月17日", "3月17日", "（2020.3.17）", "2020-03-17"])
    sheet.titles = [
        [f"上街区{made.contract.name}{day}"],
        *(line for line in sheet.titles if "18日" not in str(line) and made.contract.name not in str(line)),
    ]
    if not any(text in made.stem for text in ("20200318", "3月18日", "2020-03-18", "2020.3.18")):
        return False
    made.must_go_back = True
    return True
