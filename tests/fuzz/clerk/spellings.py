"""The ways in which a clerk or a program may write one value into a cell. Every one of them has one meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.values import DAY, Value


@dataclass(frozen=True)
class Shown:
    """A number or a day under a number format; a text file cannot hold it."""

    value: int | Decimal | date
    format: str


Cell = str | int | Decimal | date | bool | Shown | None

FACTORS: Mapping[str, Mapping[str, Decimal]] = {
    "money": {"元": Decimal(1), "千元": Decimal(10**3), "万元": Decimal(10**4), "百万元": Decimal(10**6), "亿元": Decimal(10**8)},
    "area": {"亩": Decimal(1), "公顷": Decimal(15), "平方米": Decimal("0.0015")},
    "energy": {"千瓦时": Decimal(1), "万千瓦时": Decimal(10**4)},
    "volume": {"立方米": Decimal(1), "万立方米": Decimal(10**4)},
}
"""What one of each unit is in the unit that is stored, the first."""
WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
CHINESE = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FINEST = 8
"""Decimals that a clerk's number has at most."""


def family_of(column: Column) -> str | None:
    """The kind of quantity that the column counts; None where no unit may be declared for it."""
    return next((name for name, units in FACTORS.items() if column.unit in units), None)


def in_unit(value: Decimal | int, column: Column, unit: str | None) -> Decimal | None:
    """The number that stands in a cell counted in `unit`; None if it would have no end, or more decimals than anyone types."""
    factor = FACTORS[family_of(column) or ""][unit] if unit and family_of(column) else Decimal(1)
    number = (Decimal(value) / factor).normalize()
    exponent = number.as_tuple().exponent
    return number if number * factor == value and isinstance(exponent, int) and exponent >= -FINEST else None


def plain(number: Decimal | int) -> str:
    """Digits as in a text file."""
    return format(Decimal(number), "f") if Decimal(number) != Decimal(number).to_integral() else str(int(number))


@dataclass(frozen=True)
class Hand:
    """How cells of one column are filled.

    Attributes:
        unit: what bare numbers are counted in.
        shares: how a column of shares is written; one way for the whole column.
        is_text: the file is a text: numbers and days are characters.
        is_rare: also spellings that few clerks and programs write.
    """

    column: Column
    unit: str | None
    shares: str | None
    codes: CodeList | None
    is_text: bool
    is_rare: bool = True


def spell(pick: Pick, hand: Hand, value: Value, habit: int = 0) -> Cell:
    """A cell that means the value. `habit` is the spelling that the clerk prefers in this column; one cell in four is different."""
    ways = spellings(hand, value)
    return ways[habit % len(ways)] if not pick.chance(4) else pick.of(ways)


def spellings(hand: Hand, value: Value) -> Sequence[Cell]:
    """Every spelling of the value, the plainest first."""
    column = hand.column
    if value is None:
        nothing: list[Cell] = [None, "", " "]
        if hand.codes is None and not column.is_mandatory:
            nothing += ["—", "-", "/", "无", "暂无", "－", "无 ", " —", "无\u00a0", "／", "——"]
        return nothing
    if hand.codes is not None:
        return _of_code(hand, hand.codes, value)
    match value:
        case date():
            return _of_day(hand, value)
        case Decimal() | int():
            return _of_share(hand, Decimal(value)) if column.unit == "%" else _of_number(hand, Decimal(value))
        case bool():
            raise AssertionError("flags have a code list")
        case _ if column.format == "month":
            return _of_month(hand, value)
        case _ if column.format == "uscc":
            groups = " ".join((value[:4], value[4:8], value[8:12], value[12:16], value[16:]))
            return [
                value,
                value.lower(),
                value.translate(WIDE),
                groups,
                f"{value}\u00a0",
                f" {value}",
                f"\u200b{value}",
                f"{value}\n",
            ]
        case _:
            return _of_text(hand, value)


def _of_code(hand: Hand, codes: CodeList, value: Value) -> Sequence[Cell]:
    wanted = str(value).lower() if isinstance(value, bool) else str(value)
    [code] = [code for code in codes.codes if code.code == wanted]
    names = [name for name in (code.name_zh, code.code, *code.aliases) if name]
    ways: list[Cell] = [*names, f" {names[0]} ", names[0].translate(WIDE), "　".join(names[0]), f"{names[-1]}\u00a0"]
    if not hand.is_text:
        ways += [int(name) for name in names if name.isascii() and name.isdigit() and not name.startswith("0")]
    return ways


def _of_text(hand: Hand, value: str) -> Sequence[Cell]:
    ways: list[Cell] = [
        value,
        f" {value}",
        f"{value}\u3000",
        f"\u200b{value}",
        f"{value}\ufeff",
        value.replace("（", "(").replace("）", ")"),
    ]
    is_number = value.isascii() and value.isdigit()
    if hand.column.key_position is not None and value.isascii():
        ways.append(value.translate(WIDE))
    if is_number and not value.startswith("0") and not hand.is_text:
        ways.append(int(value))
    if is_number and value.startswith("0") and not hand.is_text and hand.is_rare:
        ways.append(Shown(int(value), "0" * len(value)))
    if hand.column.key_position is not None and hand.is_rare:
        ways += [f"'{value}", f'="{value}"'] if hand.is_text else [f"'{value}"]
    return ways


def _of_number(hand: Hand, value: Decimal) -> Sequence[Cell]:
    number = in_unit(value, hand.column, hand.unit)
    assert number is not None
    text, grouped = plain(number), f"{number:,f}" if number != number.to_integral() else f"{int(number):,}"
    wide = grouped.translate(WIDE)
    ways: list[Cell] = [
        text if hand.is_text else number,
        text,
        grouped,
        wide,
        f" {text}",
        f"{text}\u00a0",
        f"'{text}",
        f"+{text}" if number > 0 else text.replace("-", "−"),
    ]
    if hand.column.logical_type == "integer" and hand.is_text:
        ways.append(f"{text}.0")  # as pandas writes a column with gaps
    if hand.column.logical_type == "number":
        ways += [
            f"{text}.0" if number == number.to_integral() else f"{text}0",
            f"{text}.00" if number == number.to_integral() else f"{text}00",
        ]
    if not hand.is_text:
        ways += [
            Shown(number, name) for name in ("#,##0.00########", "General", "0.########_ ", "#,##0.########;[Red]-#,##0.########")
        ]
    family = family_of(hand.column)
    if family:
        named = [unit for unit in FACTORS[family] if in_unit(value, hand.column, unit) is not None]
        ways += [f"{plain(in_unit(value, hand.column, unit) or 0)}{unit}" for unit in named]
    if family == "money" and hand.unit == "元" and number > 0:
        ways += [f"￥{grouped}", f"¥{text}", f"人民币{text}元", f"{text}元整"]
    return ways


SHARE_STYLES = ("sign", "format", "percents under %", "shares", "percents")


def share_styles(values: Sequence[Decimal], *, is_text: bool, is_rare: bool = True) -> list[str]:
    """How a column of these shares may be written without a doubt; `percents under %` needs a header that says so."""
    styles = ["sign"]
    if not is_text:
        styles.append("format")
    if not is_rare:
        return styles
    if max(values, default=Decimal(0)) * 100 > 1:
        styles.append("percents under %")
    if any(0 < value < 1 for value in values) and max(values) <= 1:
        styles.append("shares")
    if values and min(values) * 100 >= 2:
        styles.append("percents")
    return styles


def _of_share(hand: Hand, value: Decimal) -> Sequence[Cell]:
    text = plain((value * 100).normalize())
    match hand.shares:
        case "sign":
            return [f"{text}%", f"{text}％", f"{text} %", f"{text}%".translate(WIDE)]
        case "format":
            return [Shown(value, "0.00%"), Shown(value, "0.##%"), Shown(value, "0.0000%")]
        case "shares":
            return [plain(value) if hand.is_text else value, plain(value), f" {plain(value)}"]
        case _:
            return [text if hand.is_text else (value * 100).normalize(), text, f"{text} "]


def chinese_day(day: date) -> str:
    """A day in Chinese digits, as in official letters: 二〇二〇年三月十七日."""

    def number(n: int) -> str:
        tens, ones = divmod(n, 10)
        return ("" if tens == 0 else "十" if tens == 1 else CHINESE[str(tens)] + "十") + (CHINESE[str(ones)] if ones else "")

    return f"{''.join(CHINESE[digit] for digit in str(day.year))}年{number(day.month)}月{number(day.day)}日"


def _of_day(hand: Hand, day: date) -> Sequence[Cell]:
    y, m, d = day.year, day.month, day.day
    ways: list[Cell] = [
        day.isoformat(), f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}-{m}-{d}", f"{day:%Y%m%d}", f"{y}年{m}月{d}日", f"{y}年{m:02}月{d:02}日", f"{y}年{m}月{d}号",
        f"{day.isoformat()} 00:00:00", f"{day.isoformat()} 23:59:59", f"{y}/{m}/{d} 0:00", f"{day.isoformat()}T00:00:00", day.isoformat().translate(WIDE), f" {day.isoformat()} ",
        f"{y} 年 {m} 月 {d} 日", f"{y}. {m}. {d}", f"{y}年{m}月{d}日星期{'一二三四五六日'[day.weekday()]}", f"{y}-{m:02}-{d:02}（周{'一二三四五六日'[day.weekday()]}）",
    ]  # fmt: skip
    if hand.is_rare:
        ways += [
            f"{d:02}-{MONTHS[m - 1].upper()}-{y % 100}", f"{d}-{MONTHS[m - 1]}-{y}", f"{y} {m:02} {d:02}", f"{y}、{m}、{d}", f"{day.isoformat()}T00:00:00Z",
            f"{day:%Y%m%d}.0", f"{y}/{m}/{d} 上午 12:00:00", chinese_day(day),
        ]  # fmt: skip
    if (DAY - day).days in range(300):
        ways.append(f"{m}月{d}日")
    if not hand.is_text:
        formats = [
            "yyyy-mm-dd",
            "yyyy/m/d",
            'yyyy"年"m"月"d"日"',
            "[$-804]yyyy\\-mm\\-dd;@",
            "m/d/yy",
            "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
            "mm-dd-yy",
            "d-mmm-yy",
        ]
        ways = [day, *(Shown(day, name) for name in formats), *ways, int(f"{day:%Y%m%d}"), (day - date(1899, 12, 30)).days]
        ways.append(Shown(datetime.combine(day, time()), "yyyy-mm-dd hh:mm:ss"))
    return ways


def _of_month(hand: Hand, value: str) -> Sequence[Cell]:
    year, month = map(int, value.split("-"))
    digits = "".join(CHINESE[digit] for digit in str(year))
    name = CHINESE[str(month)] if month < 10 else "十" + (CHINESE[str(month - 10)] if month > 10 else "")
    ways: list[Cell] = [
        value, f"{year}年{month}月", f"{year}{month:02}", f"{year}年{month:02}月", f"{year}/{month}", f"{value}-01", f"{value}-01 00:00:00",
    ]  # fmt: skip
    if hand.is_rare:
        rare = (
            f"{year}年{month}月份",
            f"{year}/{month:02}/01",
            f"{year}{month:02}.0",
            f"{digits}年{name}月",
            f"{MONTHS[month - 1]}-{year % 100}",
        )
        ways += rare
    if month not in (1, 10):
        ways.append(f"{year}.{month}")
    if not hand.is_text:
        first = date(year, month, 1)
        ways += [Shown(first, "yyyy-mm"), Shown(first, 'yyyy"年"m"月"'), Shown(first, "mmm-yy"), first, int(f"{year}{month:02}")]
    return ways
