"""Unified social credit codes: both check characters, repairs, and what is not one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.contracts import uscc

STANDARD = "91350100M000100Y43"
SYNTHETIC = ["91410106Y00000016N", "91410106Y00000278E", "91410100Y000010356", "92410106Y00002118X", "12410106Y00003057Q"]


def _code(head: str, body: str) -> str:
    code = head + body
    code += uscc.expected_inner_character(code)
    return code + uscc.expected_check_character(code)


codes = st.builds(_code, st.text(uscc.ALPHABET, min_size=8, max_size=8), st.text(uscc.ALPHABET, min_size=8, max_size=8))


def test_the_example_of_the_standard_and_five_synthetic_codes_pass_both_checks():
    checked = uscc.check(pa.array([STANDARD, *SYNTHETIC]))
    assert checked.outer_ok.tolist() == [True] * 6
    assert checked.inner_ok.tolist() == [True] * 6


def test_the_expected_characters_of_the_standards_example():
    assert uscc.expected_check_character(STANDARD[:17]) == "3"
    assert uscc.expected_inner_character(STANDARD[:16]) == "4"
    assert uscc.expected_check_character("91410106Y00000016M") == "N"


def test_a_remainder_of_nought_gives_check_character_0():
    # 31 − 0 = 31 is no symbol; forgetting it is a common fault.
    heads = [f"91410106Y{n:07d}" for n in range(200)]
    made = [_code(head[:8], head[8:]) for head in heads]
    zero = [code for code in made if code.endswith("0")]
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
    code = head + uscc.expected_check_character(head)
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


@given(codes, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
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


def test_old_registration_numbers_are_known_by_their_check_digit():
    assert uscc.is_reg_no_15(
        pa.array(["410106000000013", "410106000000021", "110108000000016", "410106000000014", "41010600000001", None, STANDARD])
    ).tolist() == [True, True, True, False, False, False, False]
