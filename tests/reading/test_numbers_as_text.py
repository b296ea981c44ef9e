"""Numbers of a workbook are written the same all at once as one by one."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from fugong.reading.worker.cell_text import MANY_NUMBERS, cells_as_text, number_as_text

ODD = [0.0, -0.0, 1e14, 1e15, 123456789012345.0, 0.1 + 0.2, 1e-4, 1e-5, 5e-324, 999999999999999.9, 9999999999.5, float("inf")]
NUMBERS = st.one_of(
    st.floats(allow_nan=False),
    st.builds(lambda whole, power: whole / 10**power, st.integers(-(10**16), 10**16), st.integers(0, 8)),
    st.builds(lambda bits: struct.unpack("d", struct.pack("Q", bits))[0], st.integers(0, 2**64 - 1)),
    st.sampled_from(ODD),
)


@settings(max_examples=40)
@given(st.lists(st.one_of(NUMBERS, st.just(""), st.text(max_size=3)), min_size=MANY_NUMBERS, max_size=MANY_NUMBERS + 40))
def test_a_column_of_numbers_is_written_as_each_number_alone(column: list[float | str]) -> None:
    wanted = [number_as_text(value) if isinstance(value, float) else value for value in column]
    assert cells_as_text(column).to_pylist() == wanted
    numbers = [value for value in column if isinstance(value, float)]
    assert cells_as_text(numbers, {float}).to_pylist() == [number_as_text(value) for value in numbers]
