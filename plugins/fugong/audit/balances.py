"""Checks balances of a fund: 收入32.5亿元,支出28.1亿元,当期结余4.4亿元; with what was left before, 年末滚存结余."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.labels import Labels
from fugong.audit.marked import COUNT, POINTS, SHARE, SIGNS, marked
from fugong.audit.misprints import is_one_digit_off
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.remarks import AGREES, SUSPICION, Remark, bounds, in_unit, meet
from fugong.core.bilingual import Bilingual

WORDS = rf"[^，。；：（）\n{SIGNS}]"
TOLD_OF_IT = rf"(?:（[^（）\n]{{0,40}}）)?(?:，{WORDS}{{0,16}}(?:{SHARE}|{POINTS}))*"
"""Growths and shares in between."""
BALANCE = re.compile(
    rf"(?:(?:年初|期初|上年末?|上年度)(?:累计|滚存)?(?:结余|结存|结转)(?:为|达|有)?(?P<before>{COUNT})[，；])?"
    rf"(?:{WORDS}{{0,12}}，)?{WORDS}{{0,16}}收入(?:总额|总计|合计)?(?:共|为|达到?|完成|实现|累计)*(?P<in>{COUNT}){TOLD_OF_IT}[，；、]"
    rf"{WORDS}{{0,16}}支出(?:总额|总计|合计)?(?:共|为|达到?|完成|实现|累计)*(?P<out>{COUNT}){TOLD_OF_IT}[，；、]"
    rf"(?P<kind>{WORDS}{{0,8}})(?:结余|结存|节余|收支差)(?:为|达到?|有)?(?P<left>{COUNT})"
)
CARRIED_ON = re.compile(
    rf"(?:当期|当年|本年|本期)(?:收支)?(?:结余|结存|节余)(?:为|达到?)?(?P<now>{COUNT})[，。；](?:加上?)?(?:年初|期初|上年末?|上年度|历年)(?:累计|滚存)?(?:结余|结存|结转)(?:为|达|有)?(?P<before>{COUNT})[，；]"
    rf"(?:年末|期末)?(?:累计|滚存)(?:结余|结存)(?:为|达到?)?(?P<left>{COUNT})"
)
"""当年结余2.43亿元。上年结余11.32亿元,年末滚存结余13.75亿元."""
CURRENT, CARRIED = re.compile(r"当期|当年|本年|本期|年度|收支|当月"), re.compile(r"累计|滚存|年末|期末|历年")


def balances(positions: Positions, labels: Labels) -> Iterator[Remark]:
    """Yield a remark for each balance that the income and the expense before it make, or should make."""
    del labels
    text = marked(positions)
    for found in CARRIED_ON.finditer(text.text):
        now, before, left = (text.all_of(found, name)[0] for name in ("now", "before", "left"))
        one, other, stated = (positions.quantities[each] for each in (now, before, left))
        if any(each.unit != "元" or each.bound != "exact" for each in (one, other, stated)):
            continue
        (low, high), (least, most) = bounds(one), bounds(other)
        made = (low + least, high + most)
        shown = f"{other.text}+{one.text}={in_unit((made[0] + made[1]) / 2, stated)}"
        yield _judged(stated, (left, before, now), shown, agrees=meet(made, bounds(stated)))
    for found in BALANCE.finditer(text.text):
        names = [name for name in ("before", "in", "out", "left") if found[name]]
        numbers = {name: text.all_of(found, name)[0] for name in names}
        quantities = {name: positions.quantities[number] for name, number in numbers.items()}
        if any(one.unit != "元" or one.bound != "exact" for one in quantities.values()):
            continue
        is_carried = CARRIED.search(found["kind"]) is not None
        if is_carried and "before" not in quantities:
            continue
        (low, high), (least, most) = bounds(quantities["in"]), bounds(quantities["out"])
        before = bounds(quantities["before"]) if is_carried else (Decimal(0), Decimal(0))
        made = (before[0] + low - most, before[1] + high - least)
        shown = f"{quantities['in'].text}-{quantities['out'].text}={in_unit((made[0] + made[1]) / 2, quantities['left'])}"
        shown = f"{quantities['before'].text}+{shown}" if is_carried else shown
        stated, order = quantities["left"], (numbers["left"], numbers["in"], numbers["out"])
        agrees = meet(made, bounds(stated))
        if agrees or is_carried or CURRENT.search(found["kind"]) or is_one_digit_off(stated, made):
            yield _judged(stated, order, shown, agrees=agrees)


def _judged(stated: Quantity, numbers: tuple[int, int, int], shown: str, *, agrees: bool) -> Remark:
    if agrees:
        message = Bilingual(f"{stated.text} 相符:{shown}。", f"{stated.text} agrees: {shown}.")
        return Remark("change", AGREES, stated.start, numbers, message)
    message = Bilingual(f"{stated.text} 与收支不符:{shown}。", f"{stated.text} is not what income and expense leave: {shown}.")
    return Remark("change", SUSPICION, stated.start, numbers, message)
