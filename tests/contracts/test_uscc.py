"""Unified social credit codes: both check characters, repairs, and what is not one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum

from fugong.contracts import uscc
from fugong.core.credit_code import ALPHABET, check_character
from tests.fixtures.credit_codes import complete, firm_code, inner_character

STANDARD = "91350100M000100Y43"
SYNTHETIC = ["91410106Y00000016N", "91410106Y00000278E", "91410100Y000010356", "92410106Y00002118X", "12410106Y00003057Q"]


codes = st.builds(complete, st.text(ALPHABET, min_size=16, max_size=16))
codes_of_divisions = st.builds(
    lambda head, body: complete(head + body),
    st.text("0123456789", min_size=8, max_size=8),
    st.text(ALPHABET, min_size=8, max_size=8),
)
"""The oracle reads such codes only: the first eight characters of each are digits."""


def test_the_example_of_the_standard_and_five_synthetic_codes_pass_both_checks():
    checked = uscc.check(pa.array([STANDARD, *SYNTHETIC]))
    assert checked.outer_ok.tolist() == [True] * 6
    assert checked.inner_ok.tolist() == [True] * 6


def test_the_expected_characters_of_the_standards_example():
    assert check_character(STANDARD[:17]) == "3"
    assert inner_character(STANDARD[:16]) == "4"
    assert check_character("91410106Y00000016M") == "N"


def test_too_few_or_strange_characters_have_no_check_character():
    with pytest.raises(ValueError, match="17 characters wanted, found 16"):
        check_character(STANDARD[:16])
    with pytest.raises(ValueError, match="substring not found"):
        check_character("9I410106Y0000001" + "6")


def test_a_remainder_of_nought_gives_check_character_0():
    # 31 − 0 = 31 is no symbol; forgetting it is a common fault.
    zero = [code for code in map(firm_code, range(200)) if code.endswith("0")]
    assert zero
    assert uscc.check(pa.array(zero)).outer_ok.all()


@pytest.mark.parametrize(
    "wrong",
    [None, "", "91410106Y00000016M", "91410106Y00000016", "91410106Y00000016NN", "9141010６Y0000001", "91410106y00000016n",
     "9.14101E+17", "410106000000013", "9I410106Y00000016N", "上街区上街区"],
)  # fmt: skip
def test_what_is_not_a_code_fails_and_leaves_its_neighbours_alone(wrong):
    checked = uscc.check(pa.array([STANDARD, wrong, SYNTHETIC[0]], pa.string()))
    assert checked.outer_ok.tolist() == [True, False, True]


def test_the_inner_check_alone_can_fail():
    head = "91410106Y0000001" + "7"
    code = head + check_character(head)
    checked = uscc.check(pa.array([code]))
    assert checked.outer_ok.tolist() == [True]
    assert checked.inner_ok.tolist() == [False]


def test_slices_and_chunks_are_read_where_they_begin():
    whole = pa.array(["x", *SYNTHETIC, None, STANDARD])
    assert uscc.check(whole.slice(1, 5)).outer_ok.all()
    assert uscc.check(whole.slice(2)).outer_ok.tolist() == [True] * 4 + [False, True]
    assert uscc.check(pa.chunked_array([SYNTHETIC[:2], SYNTHETIC[2:]])).outer_ok.all()
    assert uscc.check(pa.array([], pa.string())).outer_ok.tolist() == []


@given(codes)
def test_a_code_made_by_the_recipe_passes(code):
    checked = uscc.check(pa.array([code]))
    assert checked.outer_ok.all()
    assert checked.inner_ok.all()


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_caught(code, place, symbol):
    changed = code[:place] + symbol + code[place + 1 :]
    assert uscc.check(pa.array([changed])).outer_ok.tolist() == [changed == code]


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), codes), max_size=20))
def test_any_text_can_be_checked_and_normalised(texts):
    column = pa.array(texts, pa.string())
    normal = uscc.normalise(column)
    assert len(normal.codes) == len(texts)
    assert normal.codes.is_null().to_pylist() == [text is None for text in texts]
    again = uscc.normalise(normal.codes)
    assert again.codes.equals(normal.codes)
    right = uscc.check(column).outer_ok
    assert [n for n, (a, b) in enumerate(zip(texts, normal.codes.to_pylist(), strict=True)) if right[n] and a != b] == []


def test_spaces_case_and_width_are_tidied_and_told():
    typed = [
        " 91410106Y00000016N\n",
        "91410106y00000016n",
        "９１４１０１０６Ｙ０００００２７８Ｅ",
        "9141 0100 Y000 0103 56",
        STANDARD,
        None,
    ]
    normal = uscc.normalise(pa.array(typed))
    assert normal.codes.to_pylist() == [SYNTHETIC[0], SYNTHETIC[0], SYNTHETIC[1], SYNTHETIC[2], STANDARD, None]
    assert normal.repaired.tolist() == [True, True, True, True, False, False]
    assert not normal.substituted.any()


def test_o_and_i_become_0_and_1_only_where_the_code_then_passes_both_checks():
    typed = ["914IOIO6YOOOOOOI6N", "914IOIO6YOOOOOOI6M", "OI"]
    normal = uscc.normalise(pa.array(typed))
    assert normal.codes.to_pylist() == [SYNTHETIC[0], typed[1], "OI"]
    assert normal.substituted.tolist() == [True, False, False]
    assert normal.repaired.tolist() == [True, False, False]


def test_a_number_that_a_spreadsheet_rewrote_is_known():
    assert uscc.is_scientific(pa.array(["9.14101E+17", "9.14101e+17", "9E17", STANDARD, "914101", None])).tolist() == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def _agrees_with_the_oracle(code: str) -> bool:
    return uscc.check(pa.array([code])).outer_ok.tolist() == [stdnum.is_valid(code)]


def test_a_second_implementation_knows_the_example_of_the_standard():
    assert stdnum.is_valid(STANDARD)
    assert _agrees_with_the_oracle(STANDARD)
    assert _agrees_with_the_oracle(STANDARD[:17] + "4")


@given(codes_of_divisions)
def test_a_second_implementation_accepts_the_codes_made_by_the_recipe(code):
    assert stdnum.is_valid(code)
    assert stdnum.calc_check_digit(code[:17]) == check_character(code)
    assert _agrees_with_the_oracle(code)


@given(codes_of_divisions, st.integers(0, 16), st.sampled_from("0123456789"), st.integers(8, 17), st.sampled_from(ALPHABET))
def test_a_second_implementation_judges_spoilt_codes_alike(code, at, digit, other, symbol):
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if swapped[:8].isdecimal():
        assert _agrees_with_the_oracle(swapped)
    wrong_twice = list(code)
    wrong_twice[at], wrong_twice[other] = digit, symbol
    assert _agrees_with_the_oracle("".join(wrong_twice))
    assert _agrees_with_the_oracle(code[:at] + code[at + 1 :])
    assert _agrees_with_the_oracle(code + symbol)
