"""Which lines number the columns of a table."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.contracts.code_list import Code, CodeList, fold
from fugong.parsing.column_numbers import MAY_BE_LABEL
from fugong.parsing.header import locate
from fugong.parsing.numbering_lines import NumberingLines, may_be_labels
from tests.parsing.tables import HEADER, TABLE

SIZES = CodeList("size", (Code("大", "大", "large", ("9",)),), {fold("大"): "大", "9": "大"})
CODED = replace(
    TABLE, columns=tuple(replace(column, code_list="size") if column.name == "name" else column for column in TABLE.columns)
)


@pytest.mark.parametrize(
    ("cells", "is_one"),
    [
        (["1", "2", "3", "4"], True),
        (["1.", "2.", "3.", "4."], True),
        (["①", "②", "③", "④"], True),
        (["栏次", "1", "2", "3"], True),
        (["栏次", "2", "3", "4"], True),
        (["1", "9", "3", "4"], False),
        (["1", "大", "3", "4"], False),
        (["1", "2", "4", "8"], False),
        (["1", "—", "2", None], False),
    ],
)
def test_numbers_alone_number_columns_where_one_of_them_is_no_code_of_its_column(cells: list[str | None], is_one: bool) -> None:
    header = locate(CODED, [HEADER])
    assert header is not None
    assert NumberingLines(CODED, header, {"size": SIZES}).is_one(cells) is is_one


LABEL_LIKE = st.text(alphabet="(Columnfield123A-/)=. [vno栏①", max_size=14)


@given(st.lists(LABEL_LIKE | st.none(), min_size=1, max_size=8), st.booleans())
def test_labels_are_told_by_their_length_first_as_by_the_pattern_alone(cells: list[str | None], is_ascii: bool) -> None:
    shown = [cell.encode("ascii", "ignore").decode() if cell and is_ascii else cell for cell in cells]
    column = pa.array(shown, pa.string())
    wanted = pc.fill_null(pc.match_substring_regex(column, MAY_BE_LABEL), False).to_pylist()
    assert may_be_labels(column).tolist() == wanted
