"""Dialects found by themselves: what is written in any of them is read back, and a quote out of place costs one record."""

from __future__ import annotations

import csv
import io
import random
import re
import time
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fugong.reading.worker.dialect import DELIMITERS, Dialect, find_dialect
from fugong.reading.worker.free_text import looks_chinese, looks_western, looks_wide
from fugong.reading.worker.records import MAX_LINES, Records
from fugong.reading.worker.stray_quotes import least_strange

Table = list[list[str]]
PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def records(text: str) -> tuple[Dialect, Table, int]:
    dialect, _ = find_dialect(text)
    found = Records(io.StringIO(text, newline=""), dialect)
    return dialect, list(found), found.n_mended


WORDS = ["Boots", "wading shoes", "某某厂", "停产 检修", "O'Neill & Sons", "A-1", "n/a", ""]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A header and lines of a day, a number, a code, words and prose, as reports and exports have them."""
    n = draw(st.integers(4, 40))
    chance = random.Random(draw(st.integers(0, 1 << 30)))
    day = date(2020, 1, 1) + timedelta(days=chance.randrange(1000))
    rows = [["day", "amount", "code", "kind", "remark"]]
    for i in range(n):
        prose = " ".join(
            chance.choices(["light, quick;", "it's", "dry\tor wet |", "warm.", "说明:见附件,第1条"], k=chance.randint(0, 6))
        )
        rows.append(
            [
                (day + timedelta(days=i)).isoformat(),
                f"{chance.random() * 10 ** chance.randint(0, 6):.2f}",
                f"C{chance.randrange(10**6):06d}",
                chance.choice(WORDS),
                prose,
            ]
        )
    columns = draw(st.permutations(range(5)))
    kept = columns[: draw(st.integers(3, 5))]
    return [[row[i] for i in kept] for row in rows]


def write(table: Table, delimiter: str, quote: str, line_end: str, quoting: int) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=line_end, quoting=quoting).writerows(table)
    return out.getvalue()


@PROPERTY
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|^~"),
    quote=st.sampled_from("\"'"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_is_written_in_any_dialect_is_read_back(
    table: Table, delimiter: str, quote: str, line_end: str, quoting: int
) -> None:
    dialect, found, n_mended = records(write(table, delimiter, quote, line_end, quoting))
    assert (dialect.delimiter, dialect.line_end, dialect.n_cells) == (delimiter, line_end, len(table[0]))
    assert found == table
    assert n_mended == 0


@PROPERTY
@given(table=tables(), delimiter=st.sampled_from(",;|"))
def test_blanks_after_the_delimiter_belong_to_it(table: Table, delimiter: str) -> None:
    lines = write([[cell.replace(delimiter, "") for cell in row] for row in table], delimiter, '"', "\n", csv.QUOTE_MINIMAL)
    dialect, found, _ = records(lines.replace(delimiter, delimiter + " "))
    assert dialect.delimiter == delimiter
    assert dialect.skips_blanks
    assert found == [[cell.replace(delimiter, "") for cell in row] for row in table]


@PROPERTY
@given(table=tables(), delimiter=st.sampled_from(",;\t"), place=st.data())
def test_a_quote_out_of_place_takes_no_other_record_with_it(table: Table, delimiter: str, place: st.DataObject) -> None:
    """Before any cell of any line, as people and programs leave them."""
    clean = [[re.sub(rf"[\"'{delimiter}]", "", cell) for cell in row] for row in table]
    row = place.draw(st.integers(0, len(clean) - 1))
    column = place.draw(st.integers(0, len(clean[0]) - 1))
    spoilt = [list(line) for line in clean]
    spoilt[row][column] = '"' + spoilt[row][column]
    dialect, found, n_mended = records("".join(delimiter.join(line) + "\n" for line in spoilt))
    assert dialect.delimiter == delimiter
    assert found[:row] + found[row + 1 :] == clean[:row] + clean[row + 1 :]
    if spoilt[row][column] != '"' or column < len(clean[0]) - 1 or row < len(clean) - 1:
        assert found[row] == spoilt[row]
    assert n_mended <= 1


@PROPERTY
@given(table=tables(), place=st.data(), more=st.booleans())
def test_a_record_with_a_delimiter_too_many_or_too_few_stays_as_it_was_typed(
    table: Table, place: st.DataObject, more: bool
) -> None:
    clean = [[cell.replace(",", "").replace('"', "") for cell in row] for row in table]
    row = place.draw(st.integers(1, len(clean) - 1))
    column = place.draw(st.integers(1, len(clean[0]) - 1))
    line = clean[row]
    spoilt = (
        [*line[:column], "", *line[column:]]
        if more
        else [*line[: column - 1], line[column - 1] + line[column], *line[column + 1 :]]
    )
    _, found, n_mended = records("".join(",".join(cells) + "\n" for cells in [*clean[:row], spoilt, *clean[row + 1 :]]))
    assert found == [*clean[:row], spoilt, *clean[row + 1 :]]
    assert n_mended == 0


@pytest.mark.parametrize(("escape", "written"), [('"', '""'), ("\\", '\\"'), ("", '"')])
def test_quotes_within_quoted_cells_are_read_however_they_are_escaped(escape: str, written: str) -> None:
    lines = [f'{i},"Pipe {i}{written} wide, {i}{written}",{i}.5' for i in range(1, 9)]
    dialect, found, _ = records("n,what,price\n" + "\n".join(lines))
    assert dialect.escape == escape
    assert found[1:] == [[str(i), f'Pipe {i}" wide, {i}"', f"{i}.5"] for i in range(1, 9)]


def test_a_backslash_that_escapes_no_quote_stays() -> None:
    text = "path,n\n" + "".join(f'"C:\\dir\\{i} said \\"x\\"",{i}\n' for i in range(6))
    _, found, _ = records(text)
    assert found[1] == ['C:\\dir\\0 said "x"', "0"]


def test_a_quoted_cell_may_have_lines_of_its_own() -> None:
    table = [["id", "text"], *([str(i), f"first {i}\nsecond, {i}\n\nfourth"] for i in range(20))]
    assert records(write(table, ",", '"', "\n", csv.QUOTE_MINIMAL))[1] == table


def test_a_quote_that_never_closes_swallows_nothing() -> None:
    lines = [f"{i},word {i},{i}.5" for i in range(3 * MAX_LINES)]
    lines[10] = '10,"word 10,10.5'
    _, found, n_mended = records("\n".join(lines))
    assert len(found) == len(lines)
    assert found[10] == ["10", '"word 10', "10.5"]
    assert n_mended == 1


def test_further_down_a_record_has_as_many_cells_as_those_above_it() -> None:
    first = [f"{i},{i}.5,2020-03-01,x,y" for i in range(60)]
    second = ["7,ab,1", "8,cd,2", '9,3,"ef', "10,4,gh"]  # two of these are five cells
    _, found, n_mended = records("\n".join(["n,price,day,what,how", *first, *second]))
    assert found[-2:] == [["9", "3", '"ef'], ["10", "4", "gh"]]
    assert n_mended == 1


def test_decimal_commas_do_not_win_over_semicolons() -> None:
    dialect, found, _ = records("Datum;Wert;Menge\n" + "".join(f"0{i}.03.2020;{i},5;1.{i}00,25\n" for i in range(1, 9)))
    assert dialect.delimiter == ";"
    assert found[1] == ["01.03.2020", "1,5", "1.100,25"]


def test_columns_made_with_blanks_are_cut_at_runs_of_them() -> None:
    text = "name     count   share\n" + "".join(f"item{i}   {i * 37}     0.{i}\n" for i in range(1, 9))
    dialect, found, _ = records(text)
    assert dialect.merges
    assert found[:2] == [["name", "count", "share"], ["item1", "37", "0.1"]]


@pytest.mark.parametrize(
    "text", ["one\ntwo\nthree\n", "2020-03-01 10:00\n2020-03-01 11:00\n", "Dear all,\nthe list comes tomorrow.\n\nYours\n"]
)
def test_a_text_in_one_column_stays_one(text: str) -> None:
    dialect, found, _ = records(text)
    assert dialect.delimiter == ""
    assert found == [[line] for line in text.splitlines()]


def test_a_line_of_excel_that_names_the_delimiter_is_believed() -> None:
    assert records("sep=|\na,b|c,d\n1,2|3,4\n")[1][1:] == [["a,b", "c,d"], ["1,2", "3,4"]]


@PROPERTY
@given(text=st.text(alphabet="ab1\",;\t| '\\\n\r", max_size=300))
def test_any_text_is_cut_and_loses_nothing_but_its_cutting(text: str) -> None:
    dialect, found, _ = records(text)
    kept = "".join(cell for record in found for cell in record)
    assert re.sub(r"[^ab1]", "", kept) == re.sub(r"[^ab1]", "", text)
    assert dialect.delimiter in {"", *DELIMITERS}


@pytest.mark.parametrize(
    "text", ['"' * 60_000, '",' * 30_000, '"a' * 30_000, '""' * 20_000 + "x", "a," * 30_000, ('"a\n' * 20_000)[:60_000]]
)
def test_hostile_texts_take_seconds_at_most(text: str) -> None:
    began = time.process_time()
    records(text)
    assert time.process_time() - began < 10


# --- the least strange reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "n_cells", "cells"),
    [
        ('a,"b,"c, d",e', 4, ["a", '"b', "c, d", "e"]),
        ('a,""b, c",d', 3, ["a", '"b, c', "d"]),
        ('"10"","x, y",z', 3, ['10"', "x, y", "z"]),
        ('a,"', 2, ["a", '"']),
        ('a,"b" c,d', 3, ["a", '"b" c', "d"]),
        ('a,"b,c",d', 3, ["a", "b,c", "d"]),
        ('a,b,"c', None, ["a", "b", '"c']),
        ("a,b", 3, None),
    ],
)
def test_the_reading_with_the_fewest_stray_quotes_is_taken(line: str, n_cells: int | None, cells: list[str] | None) -> None:
    assert least_strange(line, ",", '"', n_cells) == cells


def test_a_wide_record_is_mended_in_a_second() -> None:
    line = ",".join(f'"c{i}"' for i in range(390)).replace('"c100"', '"c1"00"')
    began = time.process_time()
    found = least_strange(line, ",", '"', 390)
    assert found == [f"c{i}" if i != 100 else 'c1"00' for i in range(390)]
    assert time.process_time() - began < 3
    assert least_strange("," * 5000, ",", '"', 5001) is None


@PROPERTY
@given(cells=st.lists(st.text(alphabet='ab", ', max_size=5), min_size=1, max_size=6))
def test_a_record_without_stray_quotes_is_read_as_it_was_meant(cells: list[str]) -> None:
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = least_strange(line, ",", '"', len(cells))
    strict = next(csv.reader([line], strict=True))
    assume(strict == cells)
    assert found is not None
    assert len(found) == len(cells)
    assert "".join(found).count("a") == "".join(cells).count("a")


# --- encodings ----------------------------------------------------------------------------------------------------


def test_scripts_are_told_by_their_bytes() -> None:
    chinese = "郑州市上街区某某厂,停产检修,税费减免".encode("gb18030")
    assert looks_chinese(chinese)
    assert not looks_western(chinese)
    western = "Café,Müller,São Paulo,£ 100".encode("cp1252")
    assert looks_western(western)
    assert not looks_chinese(western)
    russian = "Москва,Россия,завод".encode("cp1251")
    assert not looks_western(russian)
    assert not looks_chinese(russian)
    assert looks_wide("day,amount\n".encode("utf-16-le")) == "utf-16-le"
    assert looks_wide("day,amount\n".encode("utf-16-be")) == "utf-16-be"
    assert looks_wide(b"day,amount\n") is None
