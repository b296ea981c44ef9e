"""What is personal is found by its check digits; what only looks like it stays as typed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.core.credit_code import ALPHABET, check_character
from fugong.privacy import detect_columns
from fugong.privacy.check_digits import ID_CHECKS, ID_WEIGHTS, is_bank_card, is_credit_code, is_id_number
from fugong.privacy.detect import find, is_id_label, mask
from fugong.privacy.detect_columns import find_in
from tests.fixtures.credit_codes import random_codes

ID_NUMBER = "110101199003071233"  # made up, like every number here; its check digit fits
CARD = "6222020012345678903"  # fits Luhn


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (ID_NUMBER, "110***********1233"),
        (f"身份证:{ID_NUMBER}。", "身份证:110***********1233。"),
        ("110101 19900307 1233", "110*************1233"),
        ("11010119900307002x", "110***********002x"),
        ("联系人张三13800138000", "联系人张三138****8000"),
        ("138-0013-8000", "138******8000"),
        ("+86 13800138000", "+86 138****8000"),
        ("8613800138000", "86138****8000"),
        ("\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "\uff11\uff13\uff18****\uff18\uff10\uff10\uff10"),
        (CARD, "622************8903"),
        ("6222 0200 1234 5678 903", "622**************** 903"),
        ("13800138000、13900139000", "138****8000、139****9000"),
        ("13 800 138 000", "13 ******* 000"),
        ("138 00 13 80 00", "138********0 00"),
        ("电话138OO138OOO", "电话138****8OOO"),
        ("l38-00I3-8000", "l38******8000"),
        ("1.3800138E+10", "1.3******E+10"),
        ("6222,0212,0000,1234,561", "622****************,561"),
        ("卡号：6222，0200，0000，0015", "卡号：622************0015"),
    ],
)
def test_personal_data_are_starred_out(typed: str, shown: str) -> None:
    assert mask(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "91410106Y00000016N",
        "91350100M000100Y43",
        "统一社会信用代码 91410106Y00000278E",
        "110101199003071234",  # check digit wrong
        "110101199013071235",  # month 13
        "341016200300012345",  # 18 digits of a tax document
        "20200318000045",
        "13800138000.55",  # an amount
        "0.13800138000",
        "6222020012345678904",  # Luhn fails
        "4101060000000137",  # Luhn or not, no card begins so
        "410106000000013",  # 15-digit old number
        "12800138000",
        "138001380001",
        "GB/T 13800138000",
        "DB41/T15001380000",
        "13,800,138,000",
        "1.38E+10",
        "15 200 30 4500",
        "6222,0200,0000,0015",  # a list of codes of four digits
        "A1O0I2345678",
        "-12.5",
        "",
    ],
)
def test_what_only_looks_personal_stays(typed: str) -> None:
    assert mask(typed) == typed


def test_in_a_key_only_id_numbers_are_masked() -> None:
    assert mask("13800138000", is_code=True) == "13800138000"
    assert mask(CARD, is_code=True) == CARD
    assert mask(ID_NUMBER, is_code=True) == "110***********1233"


def test_the_number_of_a_works_permit_is_nobodys() -> None:
    numbers = [f"41010620200318{serial:04d}" for serial in range(200)]
    alike = [number for number in numbers if is_id_number(number)]
    assert len(alike) > 10
    assert [find(number, is_code=True) for number in alike] == [[]] * len(alike)
    assert all(find(number) for number in alike)


def test_each_hit_says_what_and_where() -> None:
    assert [(hit.kind, hit.start, hit.end) for hit in find(f"{ID_NUMBER} 13800138000 {CARD}")] == [
        ("id_number", 0, 18),
        ("mobile", 19, 30),
        ("bank_card", 31, 50),
    ]


def test_an_id_number_that_fits_the_check_of_credit_codes_is_masked_all_the_same() -> None:
    both = [
        number
        for serial in range(1000)
        for number in [_with_check(f"11010119900307{serial:03d}")]
        if check_character(number[:17]) == number[17]
    ]
    assert len(both) > 10
    for number in both:
        assert not is_credit_code(number)
        assert mask(number) != number


@given(st.text(alphabet=ALPHABET, min_size=9, max_size=9), st.sampled_from(["91410106", "92410100", "12410000", "91100000"]))
def test_no_credit_code_is_ever_masked(body: str, head: str) -> None:
    code = head + body + check_character(head + body)
    assert is_credit_code(code)
    assert mask(code) == code
    assert mask(code.lower()) == code.lower()


COLUMNS: dict[str, tuple[str, list[str | None], list[tuple[int, str]]]] = {
    "text": (
        "text",
        [
            "某某厂", None, f"身份证{ID_NUMBER}", "20200318000045", "联系13800138000", CARD, "", "１３８００１３８０００", "91410106Y00000016N",
            "备注:无", "138-0013-8000", "6222 0200 1234 5678 903", "110101199003071234", "12345678901234567890",
        ],
        [(2, "id_number"), (4, "mobile"), (5, "bank_card"), (7, "mobile"), (10, "mobile"), (11, "bank_card")],
    ),
    "code": ("code", ["13800138000", CARD, ID_NUMBER, None, "D00001"], [(2, "id_number")]),
    "number": ("number", ["13800138000", "13,800,138,000.50", "张三13800138000", ID_NUMBER, "1.5", None], [(2, "mobile"), (3, "id_number")]),
    "uscc": (
        "uscc",
        ["91410106Y00000016N", None, ID_NUMBER, "13800138000", "12410106000000016X", "91410106Y00000278E", "9.14E+17"],
        [(2, "id_number"), (3, "mobile")],
    ),
    "short": ("text", ["某厂", "12", None], []),
    "nothing": ("text", [None, None], []),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True, params=[True, False], ids=["by-pattern", "cell-by-cell"])
def _searched(request: pytest.FixtureRequest) -> Iterator[None]:
    """A few cells are examined one by one; as many as these patterns are made for are searched by them first."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(detect_columns, "MANY", 0)
            patch.setattr(detect_columns, "MANY_UNSEEN", 0)
        yield


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("offset", [0, 3])
def test_cells_with_personal_data_are_found_in_a_column(name: str, offset: int) -> None:
    kind, cells, expected = COLUMNS[name]
    column = pa.array([*["x" * 30] * offset, *cells], pa.string()).slice(offset)
    assert find_in(column, kind) == expected


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(),
            st.text(alphabet="0123456789０１２３ -,:(*、①ＯxX张\n", min_size=8, max_size=24),
            st.text(alphabet="0138６8OoIl|Ｏｌ\u041e〇 -a", min_size=11, max_size=19).map("1{}".format),
        ),
        max_size=30,
    )
)
def test_what_is_found_among_many_is_what_is_found_one_by_one(cells: list[str | None]) -> None:
    one_by_one = [(at, hits[0].kind) for at, cell in enumerate(cells) if cell and (hits := find(cell))]
    assert find_in(pa.array(cells, pa.string())) == one_by_one


@given(st.integers(0, 10**6), st.sampled_from(["张{}", "{}", "电话：{}。", "{},{}", "ID {}\n"]))
def test_an_id_number_is_found_wherever_it_stands(serial: int, around: str) -> None:
    number = _with_check(f"410106{19500101 + serial % 28:08d}{serial % 1000:03d}")
    [(at, kind)] = find_in(pa.array(["某某厂", around.format(number, number)]))
    assert (at, kind) == (1, "id_number")


@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_the_checks_are_those_of_the_standards() -> None:
    assert is_id_number("11010519491231002X")  # the example printed in GB 11643
    assert not is_id_number("110105194912310021")
    assert is_bank_card("6222020012345678903")
    assert not is_bank_card("1234567812345670")


def _with_check(body: str) -> str:
    return body + ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]


ID_TAIL = "110101199003071233"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("110101\u200b19900307\u200b1233", "id_number"),
        ("1101 0119 9003 0712 33", "id_number"),
        ("110101-19900307-1233", "id_number"),
        ("110101\u201319900307\u20141233", "id_number"),
        ("110101\u221219900307\u22121233", "id_number"),
        ("110101.19900307.1233", "id_number"),
        ("110101_19900307_1233", "id_number"),
        ("110101/19900307/1233", "id_number"),
        ("110101\u00a019900307\u30001233", "id_number"),
        ("1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 2 3 3", "id_number"),
        ("11O1O1199OO3O71233", "id_number"),
        (
            "\u0661\u0661\u0660\u0661\u0660\u0661\u0661\u0669\u0669\u0660\u0660\u0663\u0660\u0667\u0661\u0662\u0663\u0663",
            "id_number",
        ),
        (f"ID{ID_TAIL}", "id_number"),
        (f"身份证号{ID_TAIL}张三", "id_number"),
        (f"序号1 {ID_TAIL}", "id_number"),
        ("11010119900307002\uff38", "id_number"),
        ("11010119900307002 x", "id_number"),
        ("身份证号:110101900307123", "id_number"),
        ("身份证 110101-900307-123", "id_number"),
        ("138\u00ad0013\u00ad8000", "mobile"),
        ("138 001 38000", "mobile"),
        ("1380 0138 000", "mobile"),
        ("138.0013.8000", "mobile"),
        ("138\u20140013\u20148000", "mobile"),
        ("138_0013_8000", "mobile"),
        ("138\uff0d0013\uff0d8000", "mobile"),
        ("138 00138000", "mobile"),
        ("1 3 8 0 0 1 3 8 0 0 0", "mobile"),
        ("008613800138000", "mobile"),
        ("0086-138-0013-8000", "mobile"),
        ("(+86)13800138000", "mobile"),
        ("(86) 138 0013 8000", "mobile"),
        ("\uff0886\uff0913800138000", "mobile"),
        ("tel13800138000", "mobile"),
        ("Tel.13800138000", "mobile"),
        ("13800138000zhang", "mobile"),
        ("622202 0012345678903", "bank_card"),
        ("6222-0200-1234-5678-903", "bank_card"),
        ("622202\u200b0012345678903", "bank_card"),
        ("ICBC6222020012345678903", "bank_card"),
        (f"ID{ID_TAIL[:6]},{ID_TAIL[6:14]},{ID_TAIL[14:]}", "id_number"),
        (f"{ID_TAIL[:6]}\uff1a{ID_TAIL[6:14]}\uff1a{ID_TAIL[14:]}", "id_number"),
        (f"{ID_TAIL[:6]}\u3001{ID_TAIL[6:14]}|{ID_TAIL[14:]}", "id_number"),
        (f"{ID_TAIL[:14]}\n{ID_TAIL[14:]}", "id_number"),
        ("11\uff2f1\uff2f1199\uff2f\uff2f3\uff2f71233", "id_number"),
        ("\u8bc1\u4ef6:110101900307123", "id_number"),
        ("+86 (0)13800138000", "mobile"),
        ("+86(0) 138-0013-8000", "mobile"),
        ("013800138000", "mobile"),
        ("(138)00138000", "mobile"),
        ("138(0013)8000", "mobile"),
        ("138*0013*8000", "mobile"),
        ("138\n0013\n8000", "mobile"),
        ("138\r\n00138000", "mobile"),
        ("zhangsan13800138000", "mobile"),
        ("ZhangSan13800138000", "mobile"),
        ("vx13800138000", "mobile"),
        ("a13800138000@example.com", "mobile"),
        ("138,0013,8000", "mobile"),
        ("138\uff0c0013\uff0c8000", "mobile"),
        ("138\u30010013\u30018000", "mobile"),
        ("138     0013     8000", "mobile"),
        ("138-00138-000", "mobile"),
        ("(138)0013-8000", "mobile"),
        ("\u4e00\u4e09\u516b\u3007\u3007\u4e00\u4e09\u516b\u3007\u3007\u3007", "mobile"),
        ("\u7535\u8bdd\u5e7a\u4e09\u516b \u96f6\u96f6\u5e7a\u4e09 \u516b\u96f6\u96f6\u96f6", "mobile"),
        ("\u58f9\u53c1\u634c\u96f6\u96f6\u58f9\u53c1\u634c\u96f6\u96f6\u96f6", "mobile"),
        (
            "\u4e00\u4e00\u3007\u4e00\u3007\u4e00\u4e00\u4e5d\u4e5d\u3007\u3007\u4e09\u3007\u4e03\u4e00\u4e8c\u4e09\u4e09",
            "id_number",
        ),
        ("\u246013800138000", "mobile"),
        ("\u2460\u2462\u2467\u24ea\u24ea\u2460\u2462\u2467\u24ea\u24ea\u24ea", "mobile"),
        ("１３８OO１３８OOO", "mobile"),
        ("１３８ＯＯ１３８ＯＯＯ", "mobile"),
        ("ｌ38ＯＯ138ＯＯＯ", "mobile"),
        ("138\u041e\u041e138\u03bf0O", "mobile"),
        ("138〇〇138○○○", "mobile"),
        ("1３8-00I3-8ooo", "mobile"),
        ("|38OO138OOO", "mobile"),
        ("Tel:138OO138OOO", "mobile"),
        ("mobl38OO138OOO", "mobile"),
        ("+86138OO138OOO", "mobile"),
        ("张三138OO138OOO微信", "mobile"),
        ("138OO\u200b138OOO", "mobile"),
        ("11Ｏ1Ｏ1199ＯＯ3Ｏ7l233", "id_number"),
        ("|1O101199003071233", "id_number"),
        ("6222O2OO12345678903", "bank_card"),
        ("６２２２Ｏ２ＯＯ１２３４５６７８９Ｏ３", "bank_card"),
        ("卡号 6222 O2OO 1234 5678 9O3", "bank_card"),
    ],
)
def test_a_number_is_found_in_every_spelling(typed: str, kind: str) -> None:
    assert [hit.kind for hit in find(typed)] == [kind]
    assert find_in(pa.array(["某某厂", None, typed])) == [(2, kind)]
    assert find_in(pa.array(["某某厂\u200b", "\uff11", typed])) == [(2, kind)]
    assert find(mask(typed)) == []
    if kind == "id_number" and sum(character.isdigit() for character in typed) > 16:
        assert find_in(pa.array(["D0001", typed]), "code") == [(1, kind)]


@pytest.mark.parametrize(
    "typed",
    [
        "0371-67881234",
        "0371-6788-1234",
        "2020-03-18 2020-04-18",
        "2020.3.18-2020.4.18",
        "13912345678元",
        "13912345678.5",
        "138.00138000",
        "159.35004000",
        "4500\n4600\n4700\n4801",
        "4500,4600,4700,4801",
        "13,800,138,000",
        "138,139,140",
        "1.13800138000",
        "2020:03:18 09:30:00",
        "\u24601380 \u24611390 \u24621500",
        "410106900307123",
        "3f13912345678a9c",
        "9141 0106 Y000 0001 6N",
        "15|20|30|40",
        "15|20304050",
        "1OO|2OO|3OO|4OO",
        "OOOOOOOOOOO",
        "lOOlOOlOOlO",
        "XO138OO138OOOB",
        "GB/T 138OO138OOO",
        "6222|0200|1234|5678",
    ],
)
def test_other_numbers_are_nobodys(typed: str) -> None:
    assert find(typed) == []
    assert find_in(pa.array(["某某厂\u200b", typed])) == []


@pytest.mark.parametrize("typed", ["D13800138000", "PZ13800138000", "单据D13800138000", "HT138-0013-8000", "No13800138000"])
def test_eleven_digits_behind_the_letters_of_a_document_are_its_number(typed: str) -> None:
    assert find(typed) == []
    assert find_in(pa.array([typed])) == []


@pytest.mark.parametrize(
    "typed", ["tel13800138000", "Mob13800138000", "M13800138000", "SJ138-0013-8000", "手机13800138000", "13800138000x"]
)
def test_eleven_digits_behind_letters_that_say_telephone_are_a_mobile_number(typed: str) -> None:
    assert [hit.kind for hit in find(typed)] == ["mobile"]
    assert find_in(pa.array([typed])) == [(0, "mobile")]


def test_of_random_document_numbers_behind_letters_few_are_taken_for_personal_data() -> None:
    random = Random(20_200_318)
    documents = [f"{random.choice(('D', 'DH', 'PZ', 'HT'))}{random.randrange(10**11):011d}" for _ in range(20_000)]
    assert find_in(pa.array(documents)) == []


def test_under_a_header_that_says_so_fifteen_digits_are_an_id_number() -> None:
    assert is_id_label("法人身份证号")
    assert not is_id_label("统一社会信用代码")
    assert find_in(pa.array(["110101900307123", "110101901307123"]), "id") == [(0, "id_number")]
    assert mask("110101900307123", is_labelled=True) == "110********7123"


def test_of_many_random_credit_codes_none_is_taken_for_personal_data() -> None:
    codes = random_codes(Random(20_200_318), 20_000)
    for kind in ("text", "id", "uscc", "code", "number"):
        assert find_in(pa.array(codes), kind) == []


def test_a_mistyped_project_number_is_no_card() -> None:
    piece = "510106-58-03-868751"
    assert [hit.kind for hit in find(piece)] == ["bank_card"]  # by its check digit; alone it may be one
    assert find(f"2019-{piece}") == []
    assert [hit.kind for hit in find("1-6222-0212-3456-7894")] == ["bank_card"]
