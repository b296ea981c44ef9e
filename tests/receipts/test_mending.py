"""A clerk who knows nothing but the receipt mends what it tells of, in one round. All reports: `make prove ARGS=mending`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from random import Random

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.core.time import SHANGHAI
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import WATER_HEADER, water_row
from tests.prove.mending import GoodFile, sound_rows, try_file

WATER = load_contracts(PROJECT / "include" / "contracts").tables["water_bill"]


def test_errors_of_a_file_are_mended_by_its_receipt(empty_warehouse: tuple[Path, str], context: IntakeContext) -> None:
    rows = [water_row(number, quantity=f"{number * 37 % 91 + 10}") for number in range(1, 31)]
    arrived = datetime(2020, 3, 19, 9, tzinfo=SHANGHAI)
    bills = GoodFile(WATER, "GSGS", "20200318_R08_GSGS_V1.xlsx", date(2020, 3, 18), arrived, WATER_HEADER, rows, {})
    file = sound_rows(context, bills)
    assert len(file.rows) == 30
    home, url = empty_warehouse
    count = try_file(file, context, home, f"{url.rpartition('/')[0]}/mending", "mending", Random(7))
    told = count["returned"] + count["warned"]
    assert (count["errors"], told > 8) == (15, True)
    assert count["mended"] >= 0.9 * told, count
