"""When to stop: what is left is less than the last digit."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fugong.core.settings import PROJECT
from fugong.doubts.effect import FigureChange, deciding, effect_of
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.display import format_value
from fugong.figures.evaluate import Evaluated

DEFINITIONS = load_definitions(PROJECT / "include")
RATE, AMOUNT, WORDS = DEFINITIONS["S002"], DEFINITIONS["S040"], DEFINITIONS["S057"]


def value(definition: Definition, number: Decimal | None) -> Evaluated:
    return Evaluated(number, format_value(definition.display, number), None, None, True, number is not None, ())


def change(definition: Definition, now: Decimal, difference: Decimal | None) -> FigureChange:
    then = None if difference is None else now + difference
    return FigureChange(definition, value(definition, now), value(definition, then))


def asked(definition: Definition, now: str, *differences: str) -> list[int]:
    number = Decimal(now)
    changes = [[change(definition, number, Decimal(one))] for one in differences]
    return deciding(definition, value(definition, number), changes)


def test_only_what_can_turn_the_last_digit_is_asked() -> None:
    assert asked(RATE, "0.6962", "0.0001", "-0.0001") == []
    assert asked(RATE, "0.6962", "0.0001", "0.003", "-0.0001") == [1]
    assert asked(RATE, "0.6962") == []


def test_an_answer_can_bring_a_figure_near_the_next_digit() -> None:
    # 69.62 % is 69.64 % if the first is so, and then the other turns it.
    assert asked(RATE, "0.6962", "0.0002", "0.00009") == []
    assert asked(RATE, "0.6962", "0.0002", "0.0001") == [0, 1]


def test_a_call_with_two_readings_counts_with_the_farthest_in_either_direction() -> None:
    now = Decimal("0.6962")
    both = [change(RATE, now, Decimal("0.0001")), change(RATE, now, Decimal("-0.003"))]
    assert deciding(RATE, value(RATE, now), [both, [change(RATE, now, Decimal("0.0001"))]]) == [0]


def test_what_does_not_add_up_is_asked_where_it_changes_the_print() -> None:
    now = Decimal("0.6962")
    assert deciding(RATE, value(RATE, now), [[change(RATE, now, None)], [change(RATE, now, Decimal("0.0001"))]]) == [0]


def test_two_slips_above_the_cap_are_both_asked() -> None:
    capped = next(one for one in DEFINITIONS.values() if one.cap == 1 and one.display.kind == "percent")

    def rate(numerator: int) -> Evaluated:
        value = min(Decimal(numerator) / 100, Decimal(1))
        return Evaluated(value, format_value(capped.display, value), Decimal(numerator), Decimal(100), True, True, ())

    one_mended = FigureChange(capped, rate(240), rate(160))
    assert (one_mended.is_printed, one_mended.difference) == (False, Decimal("-0.8"))
    assert deciding(capped, rate(240), [[one_mended], [one_mended]]) == [0, 1]


def test_a_cap_holds() -> None:
    capped = next(one for one in DEFINITIONS.values() if one.cap == 1 and one.display.kind == "percent")
    assert asked(capped, "1", "0.2", "0.1") == []
    assert asked(capped, "1", "-0.1", "0.00001") == [0]


@given(
    st.decimals("0.2", "0.8", places=6),
    st.lists(st.decimals("-0.01", "0.01", places=6), max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_whatever_the_others_answer_the_print_stays(now: Decimal, differences: list[Decimal], answers: list[bool]) -> None:
    chosen = asked(RATE, str(now), *map(str, differences))
    rest = sum((one for at, one in enumerate(differences) if at not in chosen and answers[at]), Decimal(0))
    made = [differences[at] for at in chosen]
    for base in (now, now + sum(one for one in made if one > 0), now + sum(one for one in made if one < 0)):
        assert format_value(RATE.display, base + rest) == format_value(RATE.display, base)


def test_effects_rank_by_print_then_by_value() -> None:
    now = {"S002": value(RATE, Decimal("0.6962")), "S040": value(AMOUNT, Decimal(10**8))}
    small = effect_of(now, {"S040": value(AMOUNT, Decimal(10**8 + 1))}, DEFINITIONS)
    large = effect_of(now, {"S040": value(AMOUNT, Decimal(10**8 + 2))}, DEFINITIONS)
    printed = effect_of(now, {"S002": value(RATE, Decimal("0.6968"))}, DEFINITIONS)
    assert small.rank() < small.rank({"S040"})
    assert small.rank() < large.rank() < printed.rank()
    assert (len(large.printed), len(printed.printed)) == (0, 1)
