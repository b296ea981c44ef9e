"""One report whose configuration is broken, or half written, stops its own senders only: their files wait, and go on when it is mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from fugong.contracts.accepted import known_contracts
from fugong.core.errors import ConfigurationError
from fugong.core.time import SHANGHAI
from fugong.intake.collect import Arrival
from fugong.intake.obligations import missing
from fugong.intake.pipeline import check_file, ingest_history
from fugong.intake.turns import Turns
from fugong.intake.types import Outcome
from fugong.intake.work import departments_with_work
from fugong.marts.build import build
from fugong.operations import setup
from fugong.operations.reminders import remind
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import TAX_HEADER, WATER_HEADER, Inbox, as_csv, tax_row, water_row
from tests.fixtures.rules import own_rules

CONTRACT = Path("include/contracts/water_bill.odcs.yaml")
SUITE = Path("expectations/water_bill.json")
WATER = as_csv(WATER_HEADER, [water_row(1)])
TAX = as_csv(TAX_HEADER, [tax_row(1)])

Change = Callable[[Path], object]


def edit(before: str, after: str) -> Change:
    """Replace a text of a file."""

    def change(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    return change


def half(file: Path) -> None:
    """Leave half of a file, as if it were being saved."""
    text = file.read_bytes()
    file.write_bytes(text[: len(text) // 2])


FAULTS: dict[str, tuple[Path, Change, str]] = {
    "half a contract": (CONTRACT, half, "water_bill.odcs.yaml"),
    "a contract that is no YAML": (CONTRACT, edit("status: active", "status: [active"), "is not YAML"),
    "a contract that does not fit": (CONTRACT, edit("value: increment", "value: incremental"), "Did you mean 'increment'?"),
    "an empty contract": (CONTRACT, lambda file: file.write_bytes(b""), "water_bill.odcs.yaml"),
    "a contract in another encoding": (CONTRACT, lambda file: file.write_bytes("名称".encode("gb18030")), "is not UTF-8"),
    "a contract that is gone": (CONTRACT, Path.unlink, "is gone since the last `fugong init`"),
    "a contract with a column that the warehouse lacks": (CONTRACT, edit("name: late_fee_waived", "name: late_fee"), "changed since the last"),
    "a suite that is gone": (SUITE, Path.unlink, "no suite"),
    "half a suite": (SUITE, half, "is not JSON"),
    "a rule of a column that is not there": (SUITE, edit('"arrears"', '"arrers"'), "arrers"),
    "a list with a spelling of two codes": (Path("include/reference/code_list.csv"), edit("water_user_class,特种,特种", "water_user_class,特种,居民"), "stands for"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_its_senders_wait_and_nobody_else(inbox: Inbox, tmp_path: Path, name: str) -> None:
    own = own_rules(inbox, tmp_path / "district")
    file, change, said = FAULTS[name]
    change(own.settings.district / file)
    with connect(own.settings) as connection:
        context = IntakeContext.load_sound(own.settings, own.context.reader, connection)
    assert [(one.id, one.senders) for one in context.faulty] == [("water_bill", ("GSGS",))]
    assert {contract.id for contract in own.context.contracts} - {contract.id for contract in context.contracts} == {"water_bill"}
    with pytest.raises(ConfigurationError) as raised:
        context.require_sound("GSGS")
    assert said in str(raised.value)
    for sender in {sender for contract in context.contracts for sender in contract.senders}:
        context.require_sound(sender)


def test_the_others_are_answered_and_files_go_on_when_it_is_mended(inbox: Inbox, tmp_path: Path) -> None:
    own = own_rules(inbox, tmp_path / "district")
    file = own.settings.district / CONTRACT
    good = file.read_bytes()
    half(file)
    with connect(own.settings) as connection:
        connection.execute(
            "INSERT INTO audit.message_channel (audience, channel, events) VALUES ('engineers', 'x', '{configuration_refused}')"
        )
    own.drop("GSGS", "R08 供水账单日报 2020-03-18.csv", WATER)
    own.drop("TAX", "R04 2020-03-18.csv", TAX)
    turns = Turns(own.settings)
    assert [(one.department, one.state) for one in turns.run() if isinstance(one, Outcome)] == [("TAX", "accepted")]
    assert [*turns.faults] == ["GSGS"]
    assert "water_bill.odcs.yaml:" in turns.faults["GSGS"]
    assert list((own.settings.outbox / "TAX").glob("*.txt"))
    assert not list((own.settings.outbox / "GSGS").glob("*回执*"))
    assert departments_with_work(own.settings) == ["GSGS"]
    [(place,)] = own.rows("SELECT facts ->> 'place' FROM audit.message WHERE event = 'configuration_refused'")
    assert place.startswith("include/contracts/water_bill.odcs.yaml:")

    # What reads the warehouse goes on by the contracts that it was made by.
    with connect(own.settings) as connection:
        assert build(connection, own.settings.include).rows["fee_reduction"] > 0
        day, now = date(2020, 3, 18), datetime(2020, 3, 20, 12, tzinfo=SHANGHAI)
        assert {
            one.report for one in missing(connection, known_contracts(connection, own.settings.include / "contracts"), day, now)
        } >= {
            "water_bill",
            "tax_relief",
        }
    assert remind(own.settings) == {}
    # What is sent for trial waits, too; a history goes on without it, and says so at the end.
    trial = tmp_path / "R08 供水账单日报 2020-03-18.csv"
    trial.write_bytes(WATER)
    with pytest.raises(ConfigurationError, match=r"GSGS: .*water_bill"):
        check_file(own.settings, trial, "GSGS")
    own.drop("GSGS", "R08 供水账单日报 2020-03-17.csv", WATER)
    own.drop("TAX", "R04 2020-03-17.csv", TAX)
    moment = datetime(2020, 3, 18, 9, tzinfo=SHANGHAI)
    done: list[Outcome] = []
    with pytest.raises(ConfigurationError, match=r"GSGS: .*water_bill"):
        ingest_history(
            own.settings,
            [Arrival("GSGS/R08 供水账单日报 2020-03-17.csv", moment), Arrival("TAX/R04 2020-03-17.csv", moment)],
            on_outcome=done.append,
        )
    assert [one.department for one in done] == ["TAX"]

    file.write_bytes(good)
    outcomes = [one for one in Turns(own.settings).run() if isinstance(one, Outcome)]
    assert [(one.department, one.state, one.report) for one in outcomes] == [("GSGS", "accepted", "water_bill")] * 2


def test_a_new_report_waits_for_init(inbox: Inbox, tmp_path: Path) -> None:
    own = own_rules(inbox, tmp_path / "district")
    contracts = own.settings.include / "contracts"
    text = (contracts / "water_bill.odcs.yaml").read_text(encoding="utf-8")
    for before, after in (
        ("water_bill", "steam_bill"),
        ("R08", "R88"),
        ("供水", "供热"),
        ("水费", "热费"),
        ("用水", "用热"),
        ("GSGS", "RQGS"),
    ):
        text = text.replace(before, after)
    (contracts / "steam_bill.odcs.yaml").write_text(text, encoding="utf-8")
    suite = (own.settings.expectations / "water_bill.json").read_text(encoding="utf-8").replace("water_bill", "steam_bill")
    (own.settings.expectations / "steam_bill.json").write_text(suite, encoding="utf-8")
    own.drop("RQGS", "R88 供热账单日报 2020-03-18.csv", WATER)
    turns = Turns(own.settings)
    assert [one for one in turns.run() if isinstance(one, Outcome)] == []
    assert "the contract is new since the last `fugong init`" in turns.faults["RQGS"]
    setup.init(own.settings)
    [outcome] = [one for one in Turns(own.settings).run() if isinstance(one, Outcome)]
    assert (outcome.report, outcome.report_date) == ("steam_bill", date(2020, 3, 18))


def test_init_refuses_what_stops_a_department(inbox: Inbox, tmp_path: Path) -> None:
    own = own_rules(inbox, tmp_path / "district")
    (own.settings.district / SUITE).unlink()
    with pytest.raises(ConfigurationError, match=r"expectations/water_bill\.json: the table water_bill has no suite"):
        setup.init(own.settings)
