"""All traps, and a file with one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract
from tests.fuzz.clerk import cell_traps, container_traps, sheet_traps, unit_traps
from tests.fuzz.clerk.drafts import Draft
from tests.fuzz.clerk.layouts import draft
from tests.fuzz.clerk.picking import Pick
from tests.fuzz.clerk.trapping import Trap

TRAPS: Mapping[str, Trap] = {
    "1 two units": unit_traps.two_units, "1 header against line": unit_traps.header_against_line, "1 unknown unit": unit_traps.unknown_unit, "1 odd unit": unit_traps.odd_unit,
    "1 unit of area": unit_traps.unit_of_area, "2 mixed scales": unit_traps.mixed_scales, "2 per mille": unit_traps.per_mille, "3 word in instructions": sheet_traps.word_in_instructions,
    "3 word in name": sheet_traps.word_in_name, "3 word in cell": sheet_traps.word_in_cell, "4 unquoted comma": sheet_traps.unquoted_comma, "4 cell left out": sheet_traps.cell_left_out,
    "5 other order below": sheet_traps.other_order_below, "5 own unit below": sheet_traps.own_unit_below, "5 odd total": sheet_traps.odd_total, "5 column numbers": sheet_traps.column_numbers,
    "5 prefilled": sheet_traps.prefilled, "5 sheet per township": sheet_traps.sheet_per_township, "5 same key on two sheets": sheet_traps.same_key_on_two_sheets,
    "5 merged number": sheet_traps.merged_number,
    "6 digits eaten": cell_traps.digits_eaten, "6 marked key": cell_traps.marked_key, "6 nothing sign": cell_traps.nothing_sign, "6 key in two spellings": cell_traps.key_in_two_spellings,
    "7 range in cell": cell_traps.range_in_cell, "7 next day in UTC": cell_traps.next_day_in_utc, "7 odd day": cell_traps.odd_day, "7 range in name": cell_traps.range_in_name,
    "7 other day in title": cell_traps.other_day_in_title,
    "7 short day in name": cell_traps.short_day_in_name, "8 format that scales": unit_traps.format_that_scales, "8 unit in format": unit_traps.unit_in_format,
    "8 hidden value": unit_traps.hidden_value, "8 letter in format": unit_traps.letter_in_format, "9 remark names another": sheet_traps.remark_names_another,
    "9 header twice": sheet_traps.header_twice, "9 similar extra": sheet_traps.similar_extra, "10 backslashes": container_traps.backslashes, "10 other folder": container_traps.other_folder,
    "10 blanks in values": container_traps.blanks_in_values, "10 no places": container_traps.no_places,
    "10 names in capitals": container_traps.names_in_capitals,
}  # fmt: skip


def with_trap(pick: Pick, contracts: Sequence[Contract], lists: Mapping[str, CodeList], only: str = "") -> Draft:
    """A file with one trap, if the file that was drawn has a place for it."""
    made = draft(pick, contracts, lists)
    for name in [only] if only else pick.shuffled(list(TRAPS))[:3]:
        if TRAPS[name](pick, made):
            return replace(made, trap=name)
    return made
