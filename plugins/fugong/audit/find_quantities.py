"""Finds quantities in running Chinese text: numbers with scale, unit, bound and the precision of their notation."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from fugong.audit.bounds import step_of, with_bound, with_rate_of
from fugong.audit.chinese_numerals import parse_chinese_numeral
from fugong.audit.pattern import KINDS, NEVER_AFTER_HAN, PATTERN
from fugong.audit.quantity import MEASURES, ONE, SCALES, Quantity

MAX_NUMBER = Decimal(10**16)
"""A larger number counts nothing that a district has."""
HUNDREDTH, TENTH = Decimal("0.01"), Decimal("0.1")
POINTS_FOLLOW = re.compile(r"(?:[、和](?:\d+\.\d+|\d{1,2})个?)*[、和](?:\d+\.\d+|\d{1,2})个百分点")
POINTING = ("这", "那", "该", "各")
"""这两项 refers back and states nothing new."""
OPENS_OR_CLOSES = 8
"""A slogan in quotes has at most so many characters before and after its number."""


@dataclass(frozen=True)
class Number:
    """A number as typed, and the value of one unit in its last place."""

    value: Decimal
    place: Decimal
    digits: str

    def times(self, scale: Decimal | int) -> Number:
        """The number multiplied by a scale."""
        return Number(self.value * scale, self.place * scale, self.digits)


def find_quantities(plain: str, year: int) -> list[Quantity]:
    """Find the quantities of a plain text, in order; their spans do not overlap.

    Args:
        plain: normalised text, as `text.read_text` returns it.
        year: completes dates that have none.
    """
    found: list[Quantity] = []
    for match in PATTERN.finditer(plain):
        for quantity in _read(match, plain, year):
            found.append(with_rate_of(with_bound(quantity, plain), found[-1] if found else None, plain))
    return [_with_points(one, plain) for one in found]


def _with_points(quantity: Quantity, plain: str) -> Quantity:
    """2.2个和1.7个百分点: the first are points, too."""
    if quantity.written_unit not in {"个", ""} or quantity.number is None or not POINTS_FOLLOW.match(plain, quantity.end):
        return quantity
    low, high = quantity.low * HUNDREDTH, quantity.high * HUNDREDTH
    return replace(
        quantity, value=quantity.number * HUNDREDTH, low=low, high=high, unit="百分点", written_unit="个百分点", per=""
    )


def _read(match: re.Match[str], plain: str, year: int) -> Iterator[Quantity]:
    match next(kind for kind in KINDS if match[kind]):
        case "iso":
            yield from _days(match, _day(match["year_i"], match["month_i"], match["day_i"], None, year))
        case "days":
            first = int(match["year_a"] or year)  # 2022年4月至7月 ends in 2022
            ends = [_day(*(match[f"{part}_{name}"] for part in ("year", "month", "day", "part")), year=first) for name in "ab"]
            yield from _days(match, *ends)
        case "months":
            yield from _days(match, *(_day(None, match[name], None, None, year) for name in ("from_month", "to_month")))
        case "one_day" if match["day_d"] or match["part_d"]:
            yield from _days(match, _day(match["year_d"], match["month_d"], match["day_d"], match["part_d"], year))
        case "free_and_half":
            yield from _months(match)
        case "share":
            yield from _share(match)
        case "points":
            yield _exact(match, _arabic(match["points_number"]).times(HUNDREDTH), "百分点", "百分点")
        case "range":
            yield from _range(match, plain)
        case "amount":
            yield from _amount(match, plain)
        case _:
            return


# Days


def _day(year_: str | None, month: str | None, day_: str | None, part: str | None, year: int) -> tuple[date, date] | None:
    """The first and last possible day of a date, a month or a part of one; None where there is no such day."""
    number = int(year_) if year_ else year
    months = _small(month)
    if not 1 <= months <= 12 or not 1 <= number <= 9999:
        return None
    last = calendar.monthrange(number, months)[1]
    if day_:
        days = _small(day_)
        return (date(number, months, days), date(number, months, days)) if 1 <= days <= last else None
    first, until = {
        None: (1, last), "底": (last - 5, last), "末": (last - 5, last),
        "初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, last),
    }[part]  # fmt: skip
    return date(number, months, first), date(number, months, until)


def _small(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdecimal() else int(parse_chinese_numeral(text) or 0)


def _days(match: re.Match[str], *ends: tuple[date, date] | None) -> Iterator[Quantity]:
    known = [end for end in ends if end is not None]
    if len(known) == len(ends):
        days = known[0][0], known[-1][1]
        yield Quantity(match.start(), match.end(), match[0], days if len(ends) > 1 else days[1], unit="日", days=days)


def _months(match: re.Match[str]) -> Iterator[Quantity]:
    """两免三减: two months free, three at half price."""
    for name in ("free", "half_paid"):
        number = _either(match[name])
        if number is not None:
            yield Quantity(
                *match.span(name), match[name], number.value, number.value, number.value, "月", "月", digits=number.digits
            )


# Shares


def _share(match: re.Match[str]) -> Iterator[Quantity]:
    if match["percent"]:
        worth = HUNDREDTH if match["sign"] == "%" else HUNDREDTH / 10
        yield _share_from(match, _arabic(match["percent"]).times(worth), worth, match["sign"])
    elif match["of"]:
        of = _either(match["of"])
        parts = {"百": Decimal(100), "千": Decimal(1000)}.get(match["parts"]) or parse_chinese_numeral(match["parts"])
        if of is not None and parts:
            is_exact = parts in {100, 1000}
            yield _share_from(match, of.times(1 / parts), 1 / parts, "%") if is_exact else _near(match, of.value / parts)
    elif match["tenths"]:
        tenths = _either(match["tenths"])
        assert tenths is not None  # one digit
        if half := match["half"]:
            more = Decimal("0.5") if half == "半" else (parse_chinese_numeral(half) or Decimal(0)) / 10
            tenths = Number(tenths.value + more, TENTH, "")
        yield _share_from(match, tenths.times(TENTH), TENTH, "成")
    elif match["off"]:
        digits = match["off"] if match["off"][0].isdecimal() else "".join(str(parse_chinese_numeral(one)) for one in match["off"])
        number = _arabic(digits)
        yield _exact(match, number.times(TENTH if number.value < 10 else HUNDREDTH), "1", "折")
    else:
        yield _near(match, Decimal("0.5"))


def _share_from(match: re.Match[str], number: Number, worth: Decimal, written: str) -> Quantity:
    share = _exact(match, number, "1", written)
    if not match["share_from"]:
        return share
    first = _arabic(match["share_from"]).value * worth
    return replace(share, low=first - number.place / 2, bound="range", digits="")


def _near(match: re.Match[str], value: Decimal) -> Quantity:
    """三分之一 and 一半 stand for any share near them."""
    near = Decimal("0.02")
    return Quantity(match.start(), match.end(), match[0], value, value - near, value + near, "1", "分", bound="about")


def _exact(match: re.Match[str], number: Number, unit: str, written: str) -> Quantity:
    low, high = number.value - number.place / 2, number.value + number.place / 2
    return Quantity(match.start(), match.end(), match[0], number.value, low, high, unit, written, digits=number.digits)


# Numbers


def _arabic(text: str) -> Number:
    bare = text.replace(",", "")
    return Number(Decimal(bare), Decimal(1).scaleb(-len(bare.partition(".")[2])), bare.replace(".", "").strip("0"))


def _han(text: str) -> Number | None:
    value = parse_chinese_numeral(text)
    if value is None:
        return None
    scale = 10**8 if text.endswith("亿") else 10**4 if text.endswith("万") else 1
    decimals = text.partition("点")[2].rstrip("万亿")
    return Number(value, Decimal(scale).scaleb(-len(decimals)), f"{value.normalize():f}".replace(".", "").strip("0"))


def _either(text: str) -> Number | None:
    return _arabic(text) if text[0].isdecimal() else _han(text)


def _number(match: re.Match[str], name: str) -> Number | None:
    number = _either(match[f"arabic_{name}"] or match[f"han_{name}"])
    if number is None:
        return None
    number = number.times(SCALES[match[f"scale_{name}"] or ""])
    if match[f"rest_{name}"]:
        rest = _arabic(match[f"rest_{name}"]).times(SCALES[match[f"rest_scale_{name}"]])
        number = Number(number.value + rest.value, rest.place, number.digits + rest.digits)
    return number if number.value < MAX_NUMBER else None


def _is_number(match: re.Match[str], name: str, plain: str) -> bool:
    """Whether digits, or characters that may be digits, are a number at this position."""
    start = _start(match, name)
    if match[f"arabic_{name}"]:
        before = plain[start - 1 : start]
        return not (before.isascii() and before.isalpha()) and before != "."
    unit, han = match[f"unit_{name}"], match[f"han_{name}"]
    is_large = match[f"scale_{name}"] is not None or any(character in "十百千万亿" for character in han)
    if not unit or (unit in NEVER_AFTER_HAN and not is_large) or plain[start - 1 : start] in POINTING:
        return False
    return not _is_slogan(plain, start)


def _is_slogan(plain: str, at: int) -> bool:
    """Whether a position lies in short quotes: "四个作用" and "三个清单" count nothing."""
    if plain.rfind('"', max(0, at - OPENS_OR_CLOSES), at) < 0 or plain.find('"', at, at + OPENS_OR_CLOSES + 1) < 0:
        return False
    return plain.count('"', plain.rfind("\n", 0, at) + 1, at) % 2 == 1


# Counts and measures


def _amount(match: re.Match[str], plain: str) -> Iterator[Quantity]:
    if _is_number(match, "n", plain) and (number := _number(match, "n")):
        yield _counted(match, "n", number)


def _range(match: re.Match[str], plain: str) -> Iterator[Quantity]:
    first, last = _number(match, "f"), _number(match, "t")
    if first is None or last is None or not _is_number(match, "t", plain):
        return
    unit = match["unit_t"] or ""
    if not match["unit_f"] and not match["scale_f"]:
        first = first.times(SCALES[match["scale_t"] or ""])  # 10—15万
    if first.value > last.value or (match["unit_f"] or unit) != unit:
        yield _counted(match, "f", first)
        yield _counted(match, "t", last)
        return
    upper = _counted(match, "t", last)
    worth = MEASURES.get(unit, ("", ONE))[1]
    high = last.value * worth
    yield replace(upper, start=match.start(), text=match[0], low=first.value * worth, high=high, bound="range", digits="")


def _start(match: re.Match[str], name: str) -> int:
    return max(match.start(f"arabic_{name}"), match.start(f"han_{name}"))


def _counted(match: re.Match[str], name: str, number: Number) -> Quantity:
    unit, han, scale = match[f"unit_{name}"] or "", match[f"han_{name}"] or "", match[f"scale_{name}"] or ""
    counted, worth = MEASURES.get(unit, (unit, ONE))
    number = number.times(worth)
    low, high, bound = number.value - number.place / 2, number.value + number.place / 2, "exact"
    if match[f"more_{name}"] or match[f"late_{name}"]:
        low, high, bound = number.value, number.value + step_of(number.value, number.place), "more"
    start = _start(match, name)
    end = max(match.end(f"{part}_{name}") for part in ("arabic", "han", "more", "scale", "rest_scale", "late", "unit"))
    written = (scale or (han[-1] if han.endswith(("万", "亿")) else "")) + unit
    return Quantity(start, end, match.string[start:end], number.value, low, high, counted, written, "", bound, number.digits)
