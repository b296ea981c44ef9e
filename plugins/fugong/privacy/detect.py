"""Finds ID numbers, mobile numbers and bank cards in a text, by their check digits where they have one, and masks them.

Fugong needs no data on persons. A file with such data in a cell of its table goes back whole (`detect_columns`).
Receipts and returned rows pass through `mask`, so that Fugong never shows again what a department typed by mistake.
A number is found in any spelling that `spelling.fold` knows, in groups of digits or without, and glued to letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fugong.privacy.check_digits import is_bank_card, is_credit_code, is_id_number, is_old_id_number, is_organisation_code
from fugong.privacy.spelling import (
    DIGIT_LIKE,
    MISTYPED_MOBILE,
    OTHER_SIGNS,
    SEPARATORS,
    SHOWN_MOBILE,
    fold,
    read_letters_as_digits,
    read_numerals_as_digits,
)

MIN_DIGITS = 11
"""No personal number is shorter; this settles most cells."""
GAP = rf"[{re.escape(SEPARATORS)}]{{0,3}}"
WIDE_GAP = rf"[{re.escape(SEPARATORS + OTHER_SIGNS)}]{{0,3}}"
RUN = re.compile(rf"\d(?:{WIDE_GAP}\d){{{MIN_DIGITS - 1},}}")
GROUP = re.compile(r"\d+")
CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])(?=(?P<code>[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){17})(?![0-9A-Za-z]))")
LETTERS_BEFORE = re.compile(r"[0-9A-Za-z]*$")
LETTERS_AFTER = re.compile(r"[0-9A-Za-z]*")
TOKEN_SIGN = re.compile(r"[0-9A-Za-z]")
PHONE_WORDS = frozenset(
    "m mb mob mobile mobil mp t tel telephone tell ph phone cell cellphone call contact hp v vx sj sjh sjhm shouji lxdh dianhua wx weixin wechat".split()
)
"""Latin letters, in small ones, that may be glued before a mobile number. Behind any other letters eleven digits are a document's
number: of random ones one in fourteen would be taken for a mobile number."""
SHORTEST_NAME = 4
"""Small letters before a mobile number that may be a name; documents have fewer letters, and capitals."""
TOKEN = 20
"""Letters and digits of one token that are looked at before a number."""
SOFT = r"(?:[ \t-]{1,6}|[ \t]?\r?\n[ \t]?)"
HARD = r"[._/\\ \t*~|-]{1,3}"
UNIT = r"(?!\s*(?:[元万亿度吨亩%]|人民币|千瓦|平方|立方|kwh|rmb|cny))"
MOBILE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{GAP}(?:\(0\){GAP})?|\(\+?(?:00)?86\){GAP}|0)?"
    r"(?P<number>1[3-9]\d(?:"
    rf"\d{{8}}|{SOFT}\d{{8}}|\d{{4}}{SOFT}\d{{4}}|{SOFT}\d{{4}}{SOFT}\d{{4}}|{SOFT}\d{{3}}{SOFT}\d{{5}}"
    rf"|{SOFT}\d{{5}}{SOFT}\d{{3}}|\d{SOFT}\d{{4}}{SOFT}\d{{3}}|\d{SOFT}\d{{3}}{SOFT}\d{{4}}"
    rf"|\)[ ]?\d{{4}}[ -]?\d{{4}}|(?P<e>[,;:、] ?)\d{{4}}(?P=e)\d{{4}}|\(\d{{4}}\)\d{{4}}"
    rf"|(?P<a>{HARD})\d{{4}}(?P=a)\d{{4}}|(?P<b>{HARD})\d{{3}}(?P=b)\d{{5}}|\d(?P<c>{HARD})\d{{4}}(?P=c)\d{{3}}"
    r"|(?P<f>[ ])\d{2}(?P=f)\d{2}(?P=f)\d{2}(?P=f)\d{2}"
    rf")|1[3-9](?P<g>[ ])\d{{3}}(?P=g)\d{{3}}(?P=g)\d{{3}}|1(?P<d>{HARD})[3-9](?:(?P=d)\d){{9}})(?!\d|\.\d){UNIT}",
    re.IGNORECASE,
)
"""In groups of 3-4-4, 3-3-5, 3-5-3, 4-4-3, 4-3-4, 3-8, 7-4, 3-2-2-2-2 and 2-3-3-3 digits, or digit by digit. One dot alone makes a decimal number."""
STANDARD = re.compile(r"(?:[A-Z]{1,4}\d{0,4}/[A-Z]{1,3}|\b(?:GB|DB\d{2}|HJ|JB|YY|ISO|IEC))[ -]?$")
"""Before the number of a standard: GB/T 19001."""
LIKE_MOBILE = re.compile(
    rf"(?<![0-9.])(?:(?:\+|00)?86[ -]?|[0Oo])?(?P<number>{MISTYPED_MOBILE})(?![0-9A-Za-z.|])"
    rf"|(?<![0-9A-Za-z.])(?P<shown>{SHOWN_MOBILE})(?![0-9A-Za-z.])"
)
FEWEST_DIGITS_AMONG_LETTERS = 4
FEWEST_DIGITS_OF_A_MISTYPED_CARD = 12
CARD_LABEL = re.compile(r"卡号|银行卡|账号|帐号|账户|帐户|card", re.IGNORECASE)
ID_LABEL = re.compile(r"身份证|身份号|公民身份|居民证|证件|(?<![a-z])(?:sfz|id)(?![a-z])|id ?(?:card|number|no)", re.IGNORECASE)
LABEL_DISTANCE = 16
"""Characters before an ID number of 15 digits within which the word for it stands."""

KINDS = {
    "id_number": ("身份证号", "an ID number"),
    "mobile": ("手机号", "a mobile number"),
    "bank_card": ("银行卡号", "a bank card"),
}
YOUNGEST = 2005
"""Nobody in a report was born in this year or later; a number with such a date is that of a document."""
ID_DIGITS, OLD_ID_DIGITS = 18, 15
CARD_DIGITS = range(16, 20)


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece of personal data in a text.

    Attributes:
        kind: `id_number`, `mobile` or `bank_card`.
        start: first position in the text.
        end: position after its last character.
    """

    kind: str
    start: int
    end: int


def find(text: str, *, is_code: bool = False, is_labelled: bool = False) -> list[Hit]:
    """Find the personal data in a text, from left to right.

    Args:
        is_code: the text is a key or account number of the sender's own numbering. Eleven digits are no telephone number there and
            sixteen no card, and masking them would break the row's key. ID numbers are found there, too.
        is_labelled: the text stands under a header that says ID number, so that 15 digits are one of the old kind.
    """
    if len(text) < MIN_DIGITS or (text, is_code, is_labelled) in _known_clean:
        return []
    hits = _find(text, is_code=is_code, is_labelled=is_labelled)
    if not hits and len(text) <= MAX_KEPT:
        if len(_known_clean) >= MAX_KNOWN_CLEAN:
            _known_clean.clear()
        _known_clean.add((text, is_code, is_labelled))
    return hits


_known_clean: set[tuple[str, bool, bool]] = set()
"""Texts without personal data, as they were asked for: account numbers and titles come again in every file. Nothing else is kept."""
MAX_KEPT, MAX_KNOWN_CLEAN = 120, 8192
"""Characters of a text that is kept, and how many are."""


def _find(text: str, *, is_code: bool, is_labelled: bool) -> list[Hit]:
    plain, positions = fold(read_numerals_as_digits(text))
    like = read_letters_as_digits(plain)
    if len(DIGIT_LIKE.findall(like)) < MIN_DIGITS and not LIKE_MOBILE.search(plain):
        return []
    hits = sorted(_found(plain, like, is_code=is_code, is_labelled=is_labelled), key=lambda hit: hit.start)
    return [Hit(hit.kind, positions[hit.start], positions[hit.end - 1] + 1) for hit in hits]


def mask(text: str, *, is_code: bool = False, is_labelled: bool = False) -> str:
    """Replace personal data by asterisks, except their first and last characters, so that the sender finds the place.

    Credit codes stay as typed, unless they are valid ID numbers, too. `is_code` and `is_labelled` as in `find`.
    """
    # The last digits of one number may form another with those behind them.
    while hits := find(text, is_code=is_code, is_labelled=is_labelled):
        for hit in reversed(hits):
            found = text[hit.start : hit.end]
            text = text[: hit.start] + found[:3] + "*" * (len(found) - 7) + found[-4:] + text[hit.end :]
    return text


def is_id_label(header: str) -> bool:
    """Whether a header says that ID numbers stand below it."""
    return ID_LABEL.search(fold(header)[0]) is not None


def _found(plain: str, like: str, *, is_code: bool, is_labelled: bool) -> list[Hit]:
    numbers = list(_numbers(plain))
    codes = [match.span("code") for match in CREDIT_CODE.finditer(plain) if is_credit_code(_joined(match["code"]))]
    firms = {span for span in codes if is_organisation_code(_joined(plain[slice(*span)])[8:17])}
    # A number that is valid both as an ID number and as a credit code is an ID number, unless the third check of credit codes holds, too.
    hits = _apart(
        Hit("id_number", start, end) for start, end, digits, _ in numbers if is_id_number(digits) and (start, end) not in firms
    )
    if is_code:
        # A project number holds a division, a date and a serial: one in eleven has the check digit of a person born on that date.
        return [hit for hit in hits if int("".join(GROUP.findall(plain[hit.start : hit.end]))[6:10]) < YOUNGEST]
    mistyped = list(_numbers(like)) if like != plain else []
    if not hits:
        hits = _apart(Hit("id_number", start, end) for start, end, digits, _ in mistyped if is_id_number(digits))
    taken = [Hit("", *span) for span in codes]
    others = [Hit("id_number", start, end) for start, end, digits, _ in numbers if _is_old(plain, start, digits, is_labelled)]
    others += [
        Hit("bank_card", start, end) for start, end, digits, may_be_card in numbers if may_be_card and is_bank_card(digits)
    ]
    others += [
        Hit("bank_card", start, end)
        for start, end, digits, may_be_card in mistyped
        if may_be_card and is_bank_card(digits) and _is_mistyped_card(plain, start, end)
    ]
    others += _mistyped_mobiles(plain)
    others += [Hit("mobile", *match.span("number")) for match in MOBILE.finditer(plain) if _is_own_token(plain, match)]
    return [hit for hit in _apart(others, [*hits, *taken]) if hit.kind]


def _mistyped_mobiles(plain: str) -> Iterator[Hit]:
    """Mobile numbers with letters for 0 and 1, and those that a spreadsheet shows as 1.3800138E+10."""
    for match in LIKE_MOBILE.finditer(plain):
        if match["shown"]:
            yield Hit("mobile", *match.span("shown"))
            continue
        signs = re.sub(r"[ -]", "", match["number"])
        n_digits = sum(map(str.isdigit, signs))
        if FEWEST_DIGITS_AMONG_LETTERS <= n_digits < len(signs) and _is_own_token(plain, match):
            yield Hit("mobile", *match.span("number"))


def _is_mistyped_card(plain: str, start: int, end: int) -> bool:
    """Whether letters stand for some digits of a card's number, and it stands alone. A bar between digits parts numbers."""
    number = plain[start:end]
    is_alone = not TOKEN_SIGN.match(plain[start - 1 : start]) and not TOKEN_SIGN.match(plain, end)
    n_digits = sum(map(str.isdigit, number))
    return is_alone and "|" not in number and n_digits >= FEWEST_DIGITS_OF_A_MISTYPED_CARD and any(map(str.isalpha, number))


def _joined(spelt: str) -> str:
    return spelt.replace(" ", "").replace("-", "")


def _is_own_token(plain: str, match: re.Match[str]) -> bool:
    """Whether a mobile number stands alone, behind a name or a word for telephones, or before letters: otherwise it is a piece of a code."""
    before = LETTERS_BEFORE.search(plain, max(0, match.start() - TOKEN), match.start())
    after = LETTERS_AFTER.match(plain, match.end())
    left, right = before[0] if before else "", after[0] if after else ""
    if plain[match.end() : match.end() + 1] == "@":
        return True
    if STANDARD.search(plain, max(0, match.start() - TOKEN), match.start()):
        return False
    is_name = left.isalpha() and len(left) >= SHORTEST_NAME and not left.isupper()
    is_alone = not left or is_name or left.lower() in PHONE_WORDS
    return not any(map(str.isdigit, right)) and not (left and right) and is_alone


def _is_old(plain: str, start: int, digits: str, is_labelled: bool) -> bool:
    """Whether digits are an ID number of 15 digits: by themselves one document number in thirty would be."""
    if len(digits) != OLD_ID_DIGITS or not is_old_id_number(digits):
        return False
    return is_labelled or ID_LABEL.search(plain, max(0, start - LABEL_DISTANCE), start) is not None


def _apart(hits: Iterator[Hit] | list[Hit], taken: list[Hit] | None = None) -> list[Hit]:
    """The hits taken before, and of the others, in their order, those that overlap none so far."""
    out = list(taken or ())
    for hit in hits:
        if all(hit.end <= other.start or other.end <= hit.start for other in out):
            out.append(hit)
    return out


def _numbers(plain: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the numbers of 15 to 19 digits, in one group or several: where they begin and end, their digits, and whether they may be a card.

    Any group may be the first or the last of a number. The gaps in a card's number are alike and hold no end of a line (those may be
    amounts, one below the other); no decimal point parts it from other digits.
    """
    for run in RUN.finditer(plain):
        groups = [(run.start() + match.start(), run.start() + match.end()) for match in GROUP.finditer(run.group())]
        for first, (start, _) in enumerate(groups):
            digits, gaps = "", set[str]()
            for at, (begin, end) in enumerate(groups[first:], first):
                if at > first:
                    gaps.add(plain[groups[at - 1][1] : begin])
                digits += plain[begin:end]
                if len(digits) > max(CARD_DIGITS):
                    break
                after = plain[end : groups[at + 1][0]] if at + 1 < len(groups) else ""
                before = plain[groups[first - 1][1] : start] if first else ""
                is_decimal = "." in {before, after} - gaps or (gaps == {"."} and at == first + 1)
                if len(digits) == ID_DIGITS - 1 and (x := X.match(plain, end)):
                    yield start, x.end(), f"{digits}X", False
                if len(digits) == OLD_ID_DIGITS or len(digits) in CARD_DIGITS:
                    is_apart = NO_GAP_OF_A_CARD.search("".join(gaps)) is not None
                    is_listed = is_apart and not _is_in_fours(plain, groups[first : at + 1], gaps)
                    is_piece = gaps == {"-"} and "-" in (before, after) and not _are_fours(groups[first : at + 1])
                    yield start, end, digits, len(gaps) <= 1 and not is_decimal and not is_listed and not is_piece


def _are_fours(groups: list[tuple[int, int]]) -> bool:
    """Whether digits stand four by four, as on a card: 6-2-2-6 behind a year and a dash is a piece of a project's number."""
    lengths = [end - start for start, end in groups]
    return set(lengths[:-1]) == {4} and lengths[-1] <= 4


def _is_in_fours(plain: str, groups: list[tuple[int, int]], gaps: set[str]) -> bool:
    """Whether commas part the digits of a card, not the numbers of a list: four by four, with three at the end or behind the word for a card."""
    lengths = [end - start for start, end in groups]
    start = groups[0][0]
    is_labelled = CARD_LABEL.search(plain, max(0, start - LABEL_DISTANCE), start) is not None
    is_card = lengths == [4, 4, 4, 4, 3] or (is_labelled and _are_fours(groups))
    return is_card and not any("\n" in gap for gap in gaps)


X = re.compile(rf"{WIDE_GAP}[Xx](?![0-9])")
NO_GAP_OF_A_CARD = re.compile(rf"[\n{re.escape(OTHER_SIGNS)}]")
