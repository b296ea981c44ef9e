"""Computes formulas that are simple enough: arithmetic, comparisons, and a few functions over the cells of their own sheet.

What is not surely understood (other sheets, names, arrays, texts taken for numbers) is not computed: `Unknown` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from fugong.reading.worker.cell_text import column_letters, column_number

Value = float | str | bool | None
"""What a cell holds; None where it is blank."""
CellAt = Callable[[int, int], Value]
"""Gives what a cell holds, by its row and column (0-based). Raises `Unknown` where that cannot be known."""

OWN_ROW = "\0"
"""Stands for the number of a formula's own row, so that formulas filled down are parsed once."""
MAX_TOKENS = 400
MAX_RANGE = 200_000
"""Cells of a range that are looked at."""
_ROWS, _COLUMNS = 1 << 20, 1 << 14
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.\0])|(?P<text>"(?:[^"\0]|"")*")"""
    r"""|(?P<ref>\$?[A-Za-z]{1,3}\$?(?:\d{1,7}|\0))(?![\w.(!\0])|(?P<truth>TRUE|FALSE)(?![\w.(!])|(?P<name>[A-Za-z][A-Za-z0-9]*)(?=\()"""
    r"""|(?P<sign><=|>=|<>|[-+*/^&=<>%(),:]))""",
    re.VERBOSE | re.IGNORECASE,
)
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7}|\0)")
_MOVING = re.compile(r"""("(?:[^"]|"")*"|'[^']*'!?)|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\w.(!])""")
_IS_UNCLEAN = re.compile(r"(?<![A-Za-z$])\0|\0(?=[\w.(!])").search
_BINDS = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}


class Unknown(Exception):
    """The result cannot be told."""


class ErrorResult(Exception):
    """The result is an error, such as #DIV/0!."""


@dataclass(frozen=True, slots=True)
class _Range:
    """A range of cells, given for a row: corners by column and row; None is the formula's own row."""

    left: int
    top: int | None
    right: int
    bottom: int | None

    def cells(self, row: int, cell: CellAt) -> Iterator[Value]:
        top, bottom = (row if at is None else at for at in (self.top, self.bottom))
        if top > bottom or self.left > self.right or (bottom - top + 1) * (self.right - self.left + 1) > MAX_RANGE:
            raise Unknown
        for at in range(top, bottom + 1):
            for column in range(self.left, self.right + 1):
                yield cell(at, column)


Node = Callable[[int, CellAt], Value]
"""Computes a value for a row."""


def compute(text: str, row: int, cell: CellAt) -> Value:
    """The result of a formula (without the equals sign) in a row.

    Raises:
        Unknown: it cannot be told.
        ErrorResult: it is an error.
    """
    return _parsed(own_row_marked(text, row))(row, cell)


def own_row_marked(text: str, row: int) -> str:
    """A formula with a sign for the number of its own row; as it is where digits elsewhere would be taken for it."""
    marked = text.replace(str(row + 1), OWN_ROW)
    return text if _IS_UNCLEAN(marked) else marked


def moved(text: str, down: int, right: int) -> str:
    """A formula as it reads when it is copied to another cell."""

    def move(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        column = column_number(found[3].encode()) + (0 if found[2] else right)
        row = int(found[5]) + (0 if found[4] else down)
        if not (0 <= column < _COLUMNS and 1 <= row <= _ROWS):
            return "#REF!"
        return f"{found[2]}{column_letters(column)}{found[4]}{row}"

    return _MOVING.sub(move, text)


@lru_cache(4096)
def _parsed(text: str) -> Node:
    try:
        return _Parser(text).all()
    except Unknown:
        return _unknown


def _unknown(_row: int, _cell: CellAt) -> Value:
    raise Unknown


class _Parser:
    """Parses one formula by the precedence of Excel: the sign of a number binds more than a power."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found or len(self._tokens) >= MAX_TOKENS:
                raise Unknown
            self._tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self._at = 0

    def all(self) -> Node:
        node = self._expression(0)
        if self._at < len(self._tokens):
            raise Unknown
        return node

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise Unknown
        self._at += 1
        return self._tokens[self._at - 1]

    def _sees(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _expression(self, least: int) -> Node:
        left = self._operand()
        while self._at < len(self._tokens):
            kind, sign = self._tokens[self._at]
            binds = _BINDS.get(sign, 0) if kind == "sign" else 0
            if binds <= least:
                break
            self._at += 1
            left = _binary(sign, left, self._expression(binds))
        return left

    def _operand(self) -> Node:
        kind, text = self._next()
        if kind == "sign" and text in "+-":
            of, factor = self._operand(), -1.0 if text == "-" else 1.0
            node: Node = lambda row, cell: factor * _number(of(row, cell))  # noqa: E731
        elif kind == "sign" and text == "(":
            node = self._expression(0)
            self._close()
        elif kind == "number":
            number = float(text)
            node = lambda _row, _cell: number  # noqa: E731
        elif kind == "text":
            inner = text[1:-1].replace('""', '"')
            node = lambda _row, _cell: inner  # noqa: E731
        elif kind == "truth":
            truth = text.upper() == "TRUE"
            node = lambda _row, _cell: truth  # noqa: E731
        elif kind == "ref":
            column, at = _place(text)
            node = lambda row, cell: cell(row if at is None else at, column)  # noqa: E731
        elif kind == "name":
            node = self._function(text.upper())
        else:
            raise Unknown
        while self._sees("%"):
            node = _percent(node)
        return node

    def _close(self) -> None:
        if not self._sees(")"):
            raise Unknown

    def _function(self, name: str) -> Node:
        self._next()  # the bracket
        given: list[Node | _Range] = []
        if not self._sees(")"):
            given.append(self._argument())
            while self._sees(","):
                given.append(self._argument())
            self._close()
        return _call(name, given)

    def _argument(self) -> Node | _Range:
        ahead = self._tokens[self._at : self._at + 3]
        if [kind for kind, _ in ahead] == ["ref", "sign", "ref"] and ahead[1][1] == ":":
            self._at += 3
            (left, top), (right, bottom) = _place(ahead[0][1]), _place(ahead[2][1])
            return _Range(left, top, right, bottom)
        return self._expression(0)


def _place(ref: str) -> tuple[int, int | None]:
    found = _PLACE.fullmatch(ref)
    assert found
    return column_number(found[1].encode()), None if found[2] == OWN_ROW else int(found[2]) - 1


def _number(value: Value) -> float:
    """A value in arithmetic. Excel makes numbers of some texts; which, depends on the machine."""
    if isinstance(value, str):
        raise Unknown
    return float(value or 0)


def _binary(sign: str, left: Node, right: Node) -> Node:
    if _BINDS[sign] == 1:
        return lambda row, cell: _compared(sign, left(row, cell), right(row, cell))
    if sign == "&":
        return lambda row, cell: _text(left(row, cell)) + _text(right(row, cell))
    return lambda row, cell: _arithmetic(sign, _number(left(row, cell)), _number(right(row, cell)))


def _percent(of: Node) -> Node:
    return lambda row, cell: _number(of(row, cell)) / 100


def _text(value: Value) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise Unknown  # how a number reads depends on nothing but its digits, but which are kept is Excel's


def _arithmetic(sign: str, left: float, right: float) -> float:
    if sign in "+-":
        found = left + right if sign == "+" else left - right
        return 0.0 if abs(found) < 1e-13 * abs(left) else found  # as Excel: 0.3-0.1-0.2 is 0
    if sign == "*":
        return left * right
    if sign == "/":
        if not right:
            raise ErrorResult
        return left / right
    try:
        found = left**right
    except (OverflowError, ZeroDivisionError) as error:
        raise ErrorResult from error
    if isinstance(found, complex):
        raise ErrorResult
    return found


def _compared(sign: str, left: Value, right: Value) -> bool:
    left, right = _beside(left, right), _beside(right, left)
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.casefold(), right.casefold()
    elif isinstance(left, (str, bool)) or isinstance(right, (str, bool)):
        if type(left) is not type(right) and sign in ("=", "<>"):
            return sign == "<>"
        if type(left) is not type(right) or sign not in ("=", "<>"):
            raise Unknown
    if sign in ("=", "<>"):
        return (left == right) == (sign == "=")
    if isinstance(left, str) or isinstance(right, str):
        raise Unknown  # the order of texts is that of the machine's language
    below, equal = float(left) < float(right), left == right
    return {"<": below, "<=": below or equal, ">": not (below or equal), ">=": not below}[sign]


def _beside(value: Value, other: Value) -> float | str | bool:
    """A blank cell is like nothing of the other's kind."""
    if value is not None:
        return value
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0


def _numbers(given: Sequence[Node | _Range], row: int, cell: CellAt) -> Iterator[float]:
    """The numbers among arguments; of a range its texts and blank cells do not count."""
    for one in given:
        if isinstance(one, _Range):
            yield from (float(value) for value in one.cells(row, cell) if type(value) in (float, int))  # pyright: ignore[reportArgumentType]
        else:
            yield _number(one(row, cell))


def _call(name: str, given: Sequence[Node | _Range]) -> Node:
    scalars = [one for one in given if not isinstance(one, _Range)]
    n = len(scalars) if len(scalars) == len(given) else -1
    if name in _OVER_NUMBERS and given:
        of = _OVER_NUMBERS[name]
        return lambda row, cell: of(list(_numbers(given, row, cell)))
    if name == "ROUND" and n == 2:
        return lambda row, cell: _rounded(_number(scalars[0](row, cell)), _number(scalars[1](row, cell)))
    if name == "ABS" and n == 1:
        return lambda row, cell: abs(_number(scalars[0](row, cell)))
    if name == "INT" and n == 1:
        return lambda row, cell: _number(scalars[0](row, cell)) // 1
    if name == "IF" and n in (2, 3):
        return lambda row, cell: _if(scalars, row, cell)
    if name in ("AND", "OR") and n > 0:
        every = all if name == "AND" else any
        return lambda row, cell: every([_truth(one(row, cell)) for one in scalars])
    if name == "NOT" and n == 1:
        return lambda row, cell: not _truth(scalars[0](row, cell))
    if name == "IFERROR" and n == 2:
        return lambda row, cell: _if_error(scalars, row, cell)
    raise Unknown


def _average(numbers: list[float]) -> float:
    if not numbers:
        raise ErrorResult
    return _sum(numbers) / len(numbers)


def _sum(numbers: list[float]) -> float:
    found = sum(numbers)
    return 0.0 if abs(found) < 1e-13 * max((abs(number) for number in numbers), default=0.0) else found


_OVER_NUMBERS: dict[str, Callable[[list[float]], float]] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "MAX": lambda numbers: max(numbers, default=0.0),
    "MIN": lambda numbers: min(numbers, default=0.0),
}


def _rounded(number: float, digits: float) -> float:
    if abs(digits) > 15:
        raise Unknown
    return float(Decimal(format(number, ".15g")).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))


def _truth(value: Value) -> bool:
    if isinstance(value, str):
        raise Unknown
    return bool(value)


def _if(given: Sequence[Node], row: int, cell: CellAt) -> Value:
    if _truth(given[0](row, cell)):
        return given[1](row, cell)
    return given[2](row, cell) if len(given) == 3 else False


def _if_error(given: Sequence[Node], row: int, cell: CellAt) -> Value:
    try:
        return given[0](row, cell)
    except ErrorResult:
        return given[1](row, cell)
