"""A contract changes: the table in the warehouse follows, no value is lost, and the change is on record."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import sqlalchemy as sa

from fugong.contracts.load import load_contracts
from fugong.core.errors import WarehouseError
from fugong.operations import setup
from fugong.warehouse import engine
from fugong.warehouse.report_table import widens
from fugong.warehouse.shape import read_shape
from tests.fixtures.mini_district import CONTRACTS, Mini

NEW = """      - name: {name}
        businessName: {header}
        logicalType: string
        physicalType: text
        description: A thing. | 事物。
        required: {required}
"""
REQUIRED_FROM = """        customProperties:
          - {property: requiredFrom, value: "2020-04-01"}
"""
RETIRED = """        customProperties:
          - {property: retired, value: true}
"""
FORMERLY = """        customProperties:
          - {property: formerly, value: township}
"""


def write(mini: Mini, contract: str, text: str) -> None:
    (mini.include / "contracts" / f"{contract}.odcs.yaml").write_text(text.strip() + "\n", encoding="utf-8")


def ask(mini: Mini, query: str) -> list[tuple]:
    with mini.connect() as connection:
        return connection.execute(query).fetchall()


def column_of(mini: Mini, name: str) -> str:
    """The definition of `report.<table>.<column>`."""
    with engine.begin(mini.url) as connection:
        return read_shape(connection, ["report"])[f"report.{name}"]


def changes_of(mini: Mini) -> list[tuple]:
    """What is on record beyond the creation of the tables."""
    return ask(
        mini,
        """
        SELECT relation, column_name, change, value_before, value_after, contract_version FROM audit.schema_change
        WHERE change NOT IN ('created', 'migrated') ORDER BY change_id
        """,
    )


def test_the_creation_of_each_table_is_on_record(own: Mini) -> None:
    found = ask(own, "SELECT relation, contract_version FROM audit.schema_change WHERE change = 'created' ORDER BY relation")
    assert found == [("report.lease", "1.0.0"), ("report.loan", "1.0.0"), ("report.work", "1.0.0")]


@pytest.mark.parametrize(
    ("found", "wanted", "is_wider"),
    [
        (sa.Numeric(18, 2), sa.Numeric(20, 2), True),
        (sa.Numeric(18, 2), sa.Numeric(20, 4), True),
        (sa.Numeric(18, 2), sa.Numeric(20, 5), False),
        (sa.Numeric(18, 2), sa.Numeric(18, 1), False),
        (sa.Numeric(18, 2), sa.Numeric(16, 2), False),
        (sa.Integer(), sa.BigInteger(), True),
        (sa.BigInteger(), sa.Integer(), False),
        (sa.Integer(), sa.Numeric(18, 2), False),
        (sa.Date(), sa.Text(), True),
        (sa.Boolean(), sa.Text(), True),
        (sa.Text(), sa.Date(), False),
        (sa.String(10), sa.String(20), True),
        (sa.String(20), sa.String(10), False),
        (sa.String(20), sa.Text(), True),
        (sa.Text(), sa.String(20), False),
    ],
)
def test_a_type_is_wider_if_it_holds_every_value(found: sa.types.TypeEngine, wanted: sa.types.TypeEngine, is_wider: bool) -> None:
    assert widens(found, wanted) is is_wider


def test_a_number_gets_more_digits_and_its_values_stay(own: Mini) -> None:
    before = ask(own, "SELECT lease_id, relief FROM report.lease ORDER BY lease_id")
    write(own, "lease", CONTRACTS["lease"].replace("numeric(18,2)", "numeric(20,4)").replace("version: 1.0.0", "version: 1.1.0"))
    assert setup.init(own.settings)[0] == "widened report.lease.relief from numeric(18,2) to numeric(20,4)"
    assert column_of(own, "lease.relief") == "numeric(20,4) not null"
    assert ask(own, "SELECT lease_id, relief FROM report.lease ORDER BY lease_id") == before
    assert ask(own, "SELECT relief FROM asof.lease ORDER BY relief") == [(Decimal("50.0000"),), (Decimal("100.1000"),)]
    assert changes_of(own) == [("report.lease", "relief", "widened", "numeric(18,2)", "numeric(20,4)", "1.1.0")]
    assert setup.init(own.settings) == []

    # The contract of before works on the wider table.
    write(own, "lease", CONTRACTS["lease"])
    assert [change for change in setup.init(own.settings) if "report." in change] == []
    assert column_of(own, "lease.relief") == "numeric(20,4) not null"


def test_anything_becomes_text_but_text_becomes_nothing_else(own: Mini) -> None:
    fact = own.include / "sql" / "facts" / "lease.sql"
    fact.write_text(fact.read_text(encoding="utf-8").replace("line.ratio", "line.ratio::numeric(7, 4)"), encoding="utf-8")
    wider = CONTRACTS["lease"].replace(
        "logicalType: number\n        physicalType: numeric(7,4)", "logicalType: string\n        physicalType: text"
    )
    write(own, "lease", wider)
    assert setup.init(own.settings)[0] == "widened report.lease.ratio from numeric(7,4) to text"
    assert ask(own, "SELECT ratio FROM asof.lease ORDER BY ratio") == [("0.2500",), ("0.3000",)]
    write(own, "lease", CONTRACTS["lease"])
    with pytest.raises(WarehouseError, match=r"report\.lease: .* retyped ratio \(text → numeric\(7,4\)\), .*new name"):
        setup.init(own.settings)
    assert column_of(own, "lease.ratio") == "text not null"


def test_a_new_required_column_says_from_which_day(own: Mini) -> None:
    new = NEW.format(name="street", header="街道", required="true")
    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{new}")
    with pytest.raises(WarehouseError, match=r"report\.work\.street: .*requiredFrom: YYYY-MM-DD"):
        setup.init(own.settings)
    assert ask(own, "SELECT * FROM audit.schema_change WHERE column_name = 'street'") == []

    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{new}{REQUIRED_FROM}")
    assert setup.init(own.settings) == ["added report.work.street"]
    assert column_of(own, "work.street") == "text"
    assert ask(own, "SELECT DISTINCT street FROM asof.work") == [(None,)]
    assert changes_of(own) == [("report.work", "street", "added", None, "text", "1.0.0")]

    # A table that is made anew is the same.
    with own.connect() as connection:
        connection.execute("DROP TABLE report.work CASCADE")
    setup.init(own.settings)
    assert column_of(own, "work.street") == "text"


def test_a_new_required_column_of_an_empty_table_is_filled_from_the_first_row_on(own: Mini) -> None:
    with own.connect() as connection:
        connection.execute("DELETE FROM report.work")
    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{NEW.format(name='street', header='街道', required='true')}")
    assert setup.init(own.settings) == ["added report.work.street"]
    assert column_of(own, "work.street") == "text not null"


def test_a_new_credit_code_is_unknown_in_the_rows_that_are_there(own: Mini) -> None:
    code = NEW.format(name="owner_uscc", header="业主代码", required="false") + "        logicalTypeOptions: {format: uscc}\n"
    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{code}")
    assert setup.init(own.settings) == ["added report.work.owner_uscc"]
    assert column_of(own, "work.owner_uscc") == "text not null"
    assert ask(own, "SELECT DISTINCT owner_uscc FROM report.work") == [("",)]


def test_a_retired_column_keeps_its_values_and_may_come_back(own: Mini) -> None:
    before = ask(own, "SELECT DISTINCT ratio FROM report.lease ORDER BY ratio")
    write(own, "lease", f"{CONTRACTS['lease'].rstrip()}\n{RETIRED}")
    table = load_contracts(own.include / "contracts").tables["lease"]
    assert [column.name for column in table.columns] == ["lease_id", "relief"]
    assert [column.name for column in table.all_columns] == ["lease_id", "relief", "ratio"]
    assert setup.init(own.settings) == ["report.lease.ratio may be empty", "retired report.lease.ratio: its values stay"]
    assert ask(own, "SELECT DISTINCT ratio FROM asof.lease ORDER BY ratio") == before
    assert setup.init(own.settings) == []
    write(own, "lease", CONTRACTS["lease"])
    assert setup.init(own.settings) == ["report.lease.ratio is in use again"]
    assert [change[2] for change in changes_of(own)] == ["loosened", "retired", "resumed"]


def test_a_renamed_column_keeps_its_values_and_is_renamed_back_by_the_contract_of_before(own: Mini) -> None:
    before = ask(own, "SELECT township FROM asof.work ORDER BY part_id, row_number")
    fact = own.include / "sql" / "facts" / "work.sql"
    fact_before = fact.read_text(encoding="utf-8")
    renamed = CONTRACTS["work"].replace(
        "name: township\n        businessName: 镇办\n        logicalType: string\n        physicalType: text\n",
        f"name: town\n        businessName: 镇办\n        logicalType: string\n        physicalType: text\n{FORMERLY}",
    )
    write(own, "work", renamed)
    fact.write_text(fact_before.replace("line.township", "line.town AS township"), encoding="utf-8")
    assert setup.init(own.settings)[0] == "renamed report.work.township to town"
    assert ask(own, "SELECT town FROM asof.work ORDER BY part_id, row_number") == before
    assert setup.init(own.settings) == []

    write(own, "work", CONTRACTS["work"])
    fact.write_text(fact_before, encoding="utf-8")
    assert setup.init(own.settings)[0] == "renamed report.work.town to township"
    assert ask(own, "SELECT township FROM asof.work ORDER BY part_id, row_number") == before
    assert changes_of(own) == [
        ("report.work", "town", "renamed", "township", "town", "1.0.0"),
        ("report.work", "township", "renamed", "town", "township", "1.0.0"),
    ]
    write(own, "work", renamed)
    fact.write_text(fact_before.replace("line.township", "line.town AS township"), encoding="utf-8")
    assert setup.init(own.settings)[0] == "renamed report.work.township to town"


def renamed_ratio(name: str, formerly: str | None) -> str:
    """The contract of leases with another name for `ratio`, its last column."""
    words = RETIRED.replace("retired, value: true", f"formerly, value: {formerly}") if formerly else ""
    return CONTRACTS["lease"].replace("name: ratio", f"name: {name}").rstrip() + f"\n{words}"


def rename_ratio(own: Mini, name: str, formerly: str | None) -> list[str]:
    write(own, "lease", renamed_ratio(name, formerly))
    fact = own.include / "sql" / "facts" / "lease.sql"
    text = re.sub(r"line\.\w+(?: AS ratio)?(?=, line\.part_id)", f"line.{name} AS ratio", fact.read_text(encoding="utf-8"))
    assert f"line.{name} AS ratio" in text
    fact.write_text(text, encoding="utf-8")
    return setup.init(own.settings)


def test_a_column_that_was_renamed_twice_is_renamed_back_by_the_first_contract(own: Mini) -> None:
    before = ask(own, "SELECT ratio FROM report.lease ORDER BY ratio")
    assert rename_ratio(own, "share", "ratio")[0] == "renamed report.lease.ratio to share"
    assert rename_ratio(own, "part_let_off", "share")[0] == "renamed report.lease.share to part_let_off"
    assert rename_ratio(own, "ratio", None)[0] == "renamed report.lease.part_let_off to ratio"
    assert ask(own, "SELECT ratio FROM report.lease ORDER BY ratio") == before
    assert rename_ratio(own, "part_let_off", "share")[0] == "renamed report.lease.ratio to part_let_off"
    assert [change[2:5] for change in changes_of(own)][-1] == ("renamed", "ratio", "part_let_off")


def test_a_former_name_that_is_not_there_is_refused_and_corrected(own: Mini) -> None:
    with pytest.raises(WarehouseError, match=r"report\.lease\.share: there is no column ratoi .* does not name: ratio\. "):
        rename_ratio(own, "share", "ratoi")
    assert changes_of(own) == []
    assert rename_ratio(own, "share", "ratio")[0] == "renamed report.lease.ratio to share"


def test_a_column_is_not_renamed_to_one_that_is_there(own: Mini) -> None:
    with own.connect() as connection:
        connection.execute("ALTER TABLE report.lease ADD COLUMN share numeric(7, 4)")
    with pytest.raises(WarehouseError, match=r"report\.lease\.share: the table has this column and ratio, too"):
        rename_ratio(own, "share", "ratio")


def test_a_new_column_of_the_key_is_refused(own: Mini) -> None:
    new = NEW.format(name="lot", header="批次", required="true") + "        primaryKey: true\n        primaryKeyPosition: 2\n"
    write(own, "lease", f"{CONTRACTS['lease'].rstrip()}\n{new}")
    with pytest.raises(WarehouseError, match=r"report\.lease\.lot: .*A key cannot get a new column"):
        setup.init(own.settings)


def test_a_credit_code_that_is_required_from_some_day_on_is_unknown_in_the_rows_that_are_there(own: Mini) -> None:
    code = NEW.format(name="owner_uscc", header="业主代码", required="true") + "        logicalTypeOptions: {format: uscc}\n"
    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{code}{REQUIRED_FROM}")
    assert setup.init(own.settings) == ["added report.work.owner_uscc"]
    assert ask(own, "SELECT DISTINCT owner_uscc FROM report.work") == [("",)]


def test_the_contract_of_before_runs_on_a_table_with_more_columns(own: Mini) -> None:
    write(own, "work", f"{CONTRACTS['work'].rstrip()}\n{NEW.format(name='street', header='街道', required='false')}")
    assert setup.init(own.settings) == ["added report.work.street"]
    write(own, "work", CONTRACTS["work"])
    assert setup.init(own.settings) == ["report.work.street is not in the contract: its values stay, new rows leave it empty"]
    assert setup.init(own.settings) == []
    assert changes_of(own)[-1] == ("report.work", "street", "kept", None, None, "1.0.0")


def test_a_table_without_a_contract_is_told_once_and_keeps_its_rows(own: Mini) -> None:
    before = ask(own, "SELECT * FROM report.lease ORDER BY part_id, row_number")
    write(own, "lease", CONTRACTS["lease"].replace("  - name: lease\n", "  - name: tenancy\n"))
    assert setup.init(own.settings) == [
        "created report.tenancy",
        "report.lease is in no contract: its rows stay, new ones do not come",
    ]
    assert setup.init(own.settings) == []
    assert ask(own, "SELECT * FROM report.lease ORDER BY part_id, row_number") == before
    write(own, "lease", CONTRACTS["lease"])
    assert setup.init(own.settings) == [
        "report.lease is in use again",
        "report.tenancy is in no contract: its rows stay, new ones do not come",
    ]
    assert changes_of(own) == [
        ("report.lease", None, "kept", None, None, None),
        ("report.lease", None, "resumed", None, None, None),
        ("report.tenancy", None, "kept", None, None, None),
    ]


def test_comments_follow_the_contract(own: Mini) -> None:
    comments = """
        SELECT col_description('report.work'::regclass, attnum), col_description('asof.work'::regclass, (
            SELECT view.attnum FROM pg_attribute AS view WHERE view.attrelid = 'asof.work'::regclass AND view.attname = 'resumed'
        )), obj_description('report.work'::regclass)
        FROM pg_attribute WHERE attrelid = 'report.work'::regclass AND attname = 'resumed'
    """
    assert ask(own, comments) == [("复工 | A thing. | 事物。", "复工 | A thing. | 事物。", "复工日报 | Test. | 测试。")]
    text = (
        CONTRACTS["work"]
        .replace("businessName: 复工\n", "businessName: 已复工\n")
        .replace("Test. | 测试。", "Tested. | 已测试。")
    )
    write(own, "work", text)
    assert setup.init(own.settings) == []
    assert ask(own, comments) == [("已复工 | A thing. | 事物。", "已复工 | A thing. | 事物。", "复工日报 | Tested. | 已测试。")]


LARGE = "      - {property: mode, value: increment}"


def index_of_parts(mini: Mini) -> list[tuple]:
    return ask(
        mini,
        """
        SELECT amname, relation.reloptions
        FROM pg_index INNER JOIN pg_class AS found ON found.oid = indexrelid INNER JOIN pg_am ON pg_am.oid = found.relam
        INNER JOIN pg_class AS relation ON relation.oid = indrelid
        WHERE indrelid = 'report.loan'::regclass AND found.relname = 'loan_part_id'
        """,
    )


def test_a_table_that_is_said_to_be_large_has_an_index_of_ranges_of_its_parts(own: Mini) -> None:
    summed = "SELECT part_id, COUNT(*) FROM report.loan WHERE part_id = ANY(ARRAY(SELECT part_id FROM intake.part)) GROUP BY 1 ORDER BY 1"
    plain, before = index_of_parts(own), ask(own, summed)
    assert plain == [("btree", None)]
    assert before
    assert LARGE in CONTRACTS["loan"]
    large = CONTRACTS["loan"].replace(LARGE, f"{LARGE}\n      - {{property: size, value: large}}")
    write(own, "loan", large)
    assert setup.init(own.settings) == ["report.loan: index loan_part_id is brin now, it was btree"]
    ranges = index_of_parts(own)
    assert ranges == [("brin", ["autovacuum_vacuum_insert_scale_factor=0", "autovacuum_vacuum_insert_threshold=10000"])]
    with own.connect() as connection:
        connection.execute("SET enable_seqscan = off")
        assert connection.execute(summed).fetchall() == before
    assert setup.init(own.settings) == []

    # A table that is made anew is the same.
    with own.connect() as connection:
        connection.execute("DROP TABLE report.loan CASCADE")
    setup.init(own.settings)
    assert index_of_parts(own) == ranges

    write(own, "loan", CONTRACTS["loan"])
    assert setup.init(own.settings) == ["report.loan: index loan_part_id is btree now, it was brin"]
    assert index_of_parts(own) == plain
