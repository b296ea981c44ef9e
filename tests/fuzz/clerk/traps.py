"""All traps, and a file with one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract
from tests.fuzz.clerk import cell_traps as cells
from tests.fuzz.clerk import container_traps as containers
from tests.fuzz.clerk import sheet_traps as sheets
from tests.fuzz.clerk import unit_traps as units
from tests.fuzz.clerk.drafts import Draft
from tests.fuzz.clerk.layouts import draft
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.trapping import Trap

BY_KIND: Mapping[str, Sequence[Trap]] = {
    "units": [
        units.two_units, units.header_against_line, units.unknown_unit, units.odd_unit, units.unit_of_area, units.amount_in_sentence,
        units.unit_between, units.quantity_in_title,
    ],
    "percents": [units.mixed_scales, units.per_mille],
    "words": [sheets.word_in_instructions, sheets.word_in_name, sheets.word_in_cell],
    "ragged": [sheets.unquoted_comma, sheets.cell_left_out],
    "blocks": [
        sheets.other_order_below, sheets.own_unit_below, sheets.odd_total, sheets.column_numbers, sheets.prefilled, sheets.sheet_per_township,
        sheets.same_key_on_two_sheets, sheets.merged_number,
    ],
    "keys": [cells.digits_eaten, cells.marked_key, cells.nothing_sign, cells.key_in_two_spellings],
    "days": [
        cells.range_in_cell, cells.next_day_in_utc, cells.odd_day, cells.range_in_name, cells.other_day_in_title, cells.short_day_in_name,
    ],
    "formats": [units.format_that_scales, units.unit_in_format, units.hidden_value, units.letter_in_format],
    "headers": [sheets.remark_names_another, sheets.header_twice, sheets.similar_extra],
    "containers": [
        containers.backslashes, containers.other_folder, containers.blanks_in_values, containers.no_places, containers.names_in_capitals,
    ],
}  # fmt: skip
TRAPS = {f"{kind}: {trap.__name__.replace('_', ' ')}": trap for kind, traps in BY_KIND.items() for trap in traps}
"""By kind and name."""

PLAIN = {
    name
    for name, trap in TRAPS.items()
    if name.startswith("containers")
    or trap
    in (
        units.amount_in_sentence, sheets.word_in_instructions, sheets.word_in_cell, sheets.odd_total, sheets.column_numbers, cells.marked_key,
        cells.nothing_sign, sheets.similar_extra,
    )
}  # fmt: skip
"""Traps that no person would step into: the file is to be read, and a return would be a false one."""


def with_trap(pick: Pick, contracts: Sequence[Contract], lists: Mapping[str, CodeList], only: str = "") -> Draft:
    """A file with one trap, if the file that was drawn has a place for it."""
    made = draft(pick, contracts, lists)
    for name in [only] if only else pick.shuffled(list(TRAPS))[:3]:
        tried = replace(made, sheets=deepcopy(made.sheets))  # a trap that finds no place may have changed something
        if TRAPS[name](pick, tried):
            return replace(tried, trap=name, may_go_back=name not in PLAIN)
    return made
