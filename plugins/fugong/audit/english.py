"""Checks English sentences that say plainly what a share or a change is of: 255 of 365 firms (69.9 percent); 75.1%, lower than a year earlier (75.3%)."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION, Interval, Remark, meet, ratio
from fugong.audit.text import RunningText
from fugong.core.bilingual import Bilingual
from fugong.figures.display import half_up, plain

NUMBER = r"(?<![\d.,$€£])(?:\$|€|£)?\d[\d,]*(?:\.\d+)?(?:\s(?:thousand|million|billion|trillion)\b)?(?![\d]|[.,]\d)"
SHARE = r"(?<![\d.,−-])\d+(?:\.\d+)?\s?(?:%|percent\b|per\scent\b)(?!age)"
NOUN = r"(?:\s[a-z-]+){0,4}?"
SAID = r"\s?(?:\(|,\sor\s|:\s|,\s(?:which\sis|that\sis|accounting\sfor)\s)"
ENDS = r"(?=\s?[).;]|,\s|\sof\s(?:the\s)?(?:total|all)|\s*$)"
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Three words in a row; fewer stand in Chinese texts, too."""
PART_OF = re.compile(
    rf"(?P<part>{NUMBER}){NOUN}\s(?:out\s)?of\s(?:the\s|all\s|a\stotal\sof\s)?(?P<whole>{NUMBER}){NOUN}{SAID}(?P<share>{SHARE}){ENDS}"
)
OF_WHOLE = re.compile(
    rf"\b[Oo]f\s(?:the\s|all\s)?(?P<whole>{NUMBER})(?:\s[a-z-]+){{1,4}},?\s(?P<part>{NUMBER}){NOUN}{SAID}(?P<share>{SHARE}){ENDS}"
)
GROWN = re.compile(
    rf"(?P<level>{NUMBER})(?P<unit>(?:\s[a-z]+){{0,2}}?),\s(?P<way>up|down|an\sincrease\sof|a\sdecrease\sof)(?:\sby)?\s(?P<by>{NUMBER})"
    rf"(?P=unit)(?:\s(?:over|from|than)\s[^.,;()\d]{{1,30}})?,?\s(?:or\s|\(\s?|up\sby\s|down\sby\s)(?P<share>{SHARE})(?!\sat\s(?:comparable|constant)|\sin\sreal)"
)
COMPARED = re.compile(
    rf"(?P<own>{SHARE})(?:\sin\s[^.;,()]{{1,24}})?,?\s(?P<way>lower|higher)\sthan\s[^.;()]{{1,48}}\((?P<base>{SHARE})\)"
    rf"(?:\s(?:but|and)\s(?P<way_too>lower|higher)\sthan\s[^.;()]{{1,48}}\((?P<base_too>{SHARE})\))?"
)
MOVED_FROM = re.compile(rf"(?P<own>{SHARE}),?\s(?P<way>up|down)\sfrom\s(?P<base>{SHARE})")
MOVED = re.compile(
    rf"\b(?P<way>rose|increased|grew|risen|fell|decreased|declined|dropped|fallen)\sfrom\s(?P<base>{SHARE})\sto\s(?P<own>{SHARE})"
)
AMONG = re.compile(
    rf"(?P<whole>{NUMBER})\s(?P<unit>yuan|dollars|firms|people|projects|tons|households)(?:\s[^.;,()\d]{{1,40}})?,\sof\swhich\s(?:[a-z ]{{1,30}}\s)?(?P<part>{NUMBER})\s(?P=unit)\b"
)
INDUSTRIES = re.compile(
    rf"(?:GDP|[Gg]ross\s[Dd]omestic\s[Pp]roduct)[^.\d\n]{{0,60}}(?P<whole>{NUMBER})\syuan[^\n]{{0,400}}?primary\sindustry\swas\s(?P<a>{NUMBER})\syuan"
    rf"[^\n]{{0,80}}?secondary\sindustry\swas\s(?P<b>{NUMBER})\syuan[^\n]{{0,80}}?tertiary\sindustry\swas\s(?P<c>{NUMBER})\syuan"
)
SCALES = {"thousand": Decimal(10**3), "million": Decimal(10**6), "billion": Decimal(10**9), "trillion": Decimal(10**12)}
LESS = frozenset(["lower", "down", "fell", "decreased", "declined", "dropped", "fallen", "a decrease of"])
HUNDRED, HALF = Decimal(100), Decimal("0.5")


def english(text: RunningText) -> Iterator[Remark]:
    """Yield a remark for each share, growth, sum or comparison that an English sentence states with all its numbers."""
    if not ENGLISH.search(text.typed):
        return
    for pattern in (PART_OF, OF_WHOLE):
        for found in pattern.finditer(text.typed):
            computed = ratio(_interval(found["part"]), _interval(found["whole"]))
            if computed is not None and computed[0] <= 1:
                yield _of_share(text, found, computed, f"{found['part']} / {found['whole']}")
    for found in GROWN.finditer(text.typed):
        level, by = _interval(found["level"]), _interval(found["by"])
        base = (level[0] + by[0], level[1] + by[1]) if _is_less(found["way"]) else (level[0] - by[1], level[1] - by[0])
        computed = ratio(by, base)
        if computed is not None:
            yield _of_share(
                text,
                found,
                computed,
                f"{found['by']} / ({found['level']} {'+' if _is_less(found['way']) else '-'} {found['by']})",
            )
    for found in COMPARED.finditer(text.typed):
        yield _of_way(text, found, found["own"], found["base"], found["way"])
        if found["base_too"]:
            yield _of_way(text, found, found["own"], found["base_too"], found["way_too"])
    for pattern in (MOVED_FROM, MOVED):
        for found in pattern.finditer(text.typed):
            yield _of_way(text, found, found["own"], found["base"], found["way"])
    for found in AMONG.finditer(text.typed):
        if _interval(found["part"])[0] > _interval(found["whole"])[1]:
            more, less = found["part"], found["whole"]
            message = Bilingual(
                f"部分 {more} 大于前面的整体 {less}。", f"{more}, given as a part, is more than the {less} before it."
            )
            yield Remark("parts", CONTRADICTION, _at(text, found.start("part")), (), message)
    for found in INDUSTRIES.finditer(text.typed):
        parts = [_interval(found[one]) for one in "abc"]
        agrees = meet(
            _interval(found["whole"]), (sum((one for one, _ in parts), Decimal(0)), sum((one for _, one in parts), Decimal(0)))
        )
        shown = " + ".join(found[one] for one in "abc")
        message = Bilingual(
            f"{found['whole']} {'等于' if agrees else '可能不等于'} {shown}。",
            f"{found['whole']} {'is' if agrees else 'may not be'} {shown}.",
        )
        yield Remark("parts", AGREES if agrees else SUSPICION, _at(text, found.start("whole")), (), message)


def _of_share(text: RunningText, found: re.Match[str], computed: Interval, equation: str) -> Remark:
    agrees = meet(computed, _interval(found["share"]))
    shown = plain(half_up((computed[0] + computed[1]) / 2 * HUNDRED, 2))
    message = Bilingual(
        f"{found['share']} 与旁边的数{'相符' if agrees else '不符'}:{equation} = {shown}%。",
        f"{found['share']} {'follows' if agrees else 'does not follow'} from the counts beside it: {equation} = {shown} %.",
    )
    code = "growth" if "by" in found.re.groupindex else "ratio"
    return Remark(code, AGREES if agrees else CONTRADICTION, _at(text, found.start("share")), (), message)


def _of_way(text: RunningText, found: re.Match[str], own: str, base: str, way: str) -> Remark:
    (low, high), (least, most) = _interval(own), _interval(base)
    is_other_way = low >= most if _is_less(way) else high <= least
    message = Bilingual(
        f"{own} 与 {base} 的大小和“{way}”{'相反' if is_other_way else '相符'}。",
        f'{own} and {base} {"go the other way than" if is_other_way else "agree with"} "{way}".',
    )
    return Remark("change", CONTRADICTION if is_other_way else AGREES, _at(text, found.start()), (), message)


def _is_less(way: str) -> bool:
    return re.sub(r"\s", " ", way) in LESS


def _interval(text: str) -> Interval:
    """What a number may be that was rounded to its last place; a count in full is exact."""
    written = re.sub(r"[^\d.]", "", text)
    number, is_share = Decimal(written), re.search(r"%|cent", text) is not None
    scale = next((value for word, value in SCALES.items() if word in text), Decimal(1)) / (HUNDRED if is_share else 1)
    place = Decimal(1).scaleb(-len(written.partition(".")[2]))
    half = place * HALF if is_share or scale > 1 or "." in written else Decimal(0)
    return (number - half) * scale, (number + half) * scale


def _at(text: RunningText, place: int) -> int:
    """The position in the plain text of a position in the text as typed."""
    return min(bisect.bisect_left(text.places, place), max(0, len(text.plain) - 1))
