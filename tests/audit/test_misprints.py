"""Misprints that explain why numbers do not agree."""

from __future__ import annotations

from decimal import Decimal

from fugong.audit.find_quantities import find_quantities
from fugong.audit.misprints import chance_of_misprint, has_another_digit, has_exchanged, is_one_digit_off, looks_misprinted
from fugong.audit.positions import Positions
from fugong.audit.quantity import Quantity
from fugong.audit.text import read_text


def numbers(*typed: str) -> list[Quantity]:
    return find_quantities(read_text("；".join(typed)).plain, 2020)


def test_another_digit_or_two_that_changed_places_explain_a_share() -> None:
    assert has_another_digit(*numbers("46.8%", "596元", "1619元"))  # 36.8
    assert has_another_digit(*numbers("38.6%", "596元", "1619元"))  # 36.8
    assert has_another_digit(*numbers("36.8%", "696元", "1619元"))  # 596
    assert has_another_digit(*numbers("36.8%", "596元", "1719元"))  # 1619
    assert not has_another_digit(*numbers("51.2%", "596元", "1619元"))


def test_part_and_whole_that_changed_places_explain_a_share() -> None:
    assert has_exchanged(*numbers("36.8%", "1619元", "596元"))
    assert has_exchanged(*numbers("36.8%", "596万元", "1619亿元"))
    assert not has_exchanged(*numbers("46.8%", "1619元", "596元"))


def test_a_short_number_has_a_misprint_for_everything() -> None:
    short, long = numbers("58条", "1580条")
    assert not is_one_digit_off(short, (Decimal(18), Decimal(18)))
    assert is_one_digit_off(long, (Decimal(1380), Decimal(1380)))
    assert is_one_digit_off(long, (Decimal(1850), Decimal(1850)))  # 58 for 85
    assert not is_one_digit_off(long, (Decimal(1390), Decimal(1390)))


def test_a_sum_that_one_digit_explains_is_less_of_a_chance_the_longer_its_numbers() -> None:
    text = read_text("桥费36214元,河东17105元,河西19009元。船费362元,河东171元,河西180元。")
    positions = Positions(text, find_quantities(text.plain, 2020))
    assert looks_misprinted(positions, 0, (1, 2))
    assert chance_of_misprint(positions, 0, (1, 2)) < Decimal("0.02") < chance_of_misprint(positions, 3, (4, 5))
