from datetime import date
from pathlib import Path

import pytest

from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.marts.header import read_check, read_mart
from fugong.marts.model import Cell, Contribution
from fugong.marts.parameters import with_days
from fugong.marts.sql_files import load_sql_files

FACT = """-- A fact.
-- view    fact.loan
-- grain   one row per loan
-- reads   asof.loan
-- column  paid  金额 | Yuan
SELECT 1 AS paid
"""
MART = """-- Loans, by day.
--
-- writes  mart.loan_flow
-- grain   one row per business_date, nature
-- keys    business_date, nature
-- stale   business_date            (the day of payment)
-- reads   fact.loan,
--         ref.policy_param
-- serves  S039
-- key     nature = :nature
-- cell    n_firms
-- cell    n_firms - n_new, largest: paid, lowest
-- rounded lowest
-- sums    paid = fact.loan.paid + fact.loan.paid
-- sums    lowest = least fact.loan.paid
-- column  business_date  日期 | Day
-- column  nature  性质 | Nature
-- column  paid  金额 | Yuan
-- column  lowest  最低 | Lowest
-- column  n_firms  户数 | Firms
-- column  n_new  新增 | New firms
-- column  largest  最大 | Largest
-- Renewals are kept apart.
WITH loan AS (
    SELECT 1 -- the only one; really
)

SELECT ':days' AS text, 1::integer FROM loan WHERE day = ANY(:days);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, file, text in (("facts", "loan", FACT), ("marts", "loan_flow", MART)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{file}.sql").write_text(text)
    return tmp_path


def mart_of(folder: Path, old: str = "", new: str = "") -> None:
    assert old in MART
    (folder / "marts" / "loan_flow.sql").write_text(MART.replace(old, new, 1))
    read_mart(folder / "marts" / "loan_flow.sql")
    load_sql_files(folder)


def test_a_head_is_read(folder: Path) -> None:
    mart = load_sql_files(folder).mart("mart.loan_flow")
    assert mart.keys == ("business_date", "nature")
    assert mart.stale == "business_date"
    assert mart.reads == ("fact.loan", "ref.policy_param")
    assert mart.sums["paid"].contributions == (Contribution("fact.loan", "paid"),) * 2
    assert (mart.sums["paid"].aggregate, mart.sums["lowest"].aggregate) == ("sum", "least")
    assert mart.key_of_row == {"nature": ":nature"}
    assert mart.columns["paid"] == Bilingual("金额", "Yuan")
    assert mart.cells == (Cell(("n_firms",), None, ()), Cell(("n_firms", "n_new"), "largest", ("paid", "lowest")))
    assert (mart.rounded, mart.closed) == (("lowest",), ("largest",))
    assert not mart.is_open  # by day of business: the difference of two days may be one firm's
    assert mart.body.startswith("WITH loan AS (")
    assert mart.body.endswith("ANY(:days)")


def test_a_parameter_in_a_string_or_a_cast_is_left_alone(folder: Path) -> None:
    mart = load_sql_files(folder).marts[0]
    written = with_days(mart.body, [date(2020, 3, 17), date(2020, 3, 18)])
    assert "day = ANY('{2020-03-17,2020-03-18}'::date[])" in written
    assert "':days' AS text, 1::integer" in written


def test_another_parameter_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"no parameter :day here. There is: :days"):
        with_days("SELECT :day", [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-- grain ", "-- grane ", r"loan_flow.sql:4: no head word 'grane'. There is: writes, grain"),
        ("mart.loan_flow", "mart.loans", r"`writes` should be mart.loan_flow, as the file is named, found 'mart.loans'"),
        ("-- keys    business_date, nature\n", "", r"the head needs one line `-- keys`, found 0"),
        ("-- stale   business_date", "-- stale   month", r"`stale` should be one of as_of, business_date, period"),
        (
            "-- stale   business_date",
            "-- stale   business_date\n-- before  1",
            r"`before` should be numbers of days, for stale as_of, found",
        ),
        ("fact.loan,", "fact.loan, loan,", r"`reads` should list relations .* found loan"),
        ("fact.loan,", "fact.loans,", r"reads fact.loans, which no file writes. There is: fact.loan"),
        ("fact.loan,", "fact.loan, mart.loan_flow,", r"read facts instead"),
        ("= fact.loan.paid +", "= fact.loan.sum +", r"fact.loan has no column 'sum'. It has: paid"),
        ("= fact.loan.paid +", "= loan.paid +", r"`sums` should read a = fact.x.c"),
        ("-- cell    n_firms", "-- cell    firms", r"'firms' has no `column` line"),
        ("-- cell    n_firms\n", "", r"the first `cell` counts the firms behind the whole row"),
        ("- n_new, largest:", "/ n_new, largest:", r"`cell` should read <count>\[ - <count>\]"),
        ("-- rounded lowest", "-- open    nature: paid", r"`open` should read <keys>: <columns to sum>, in a mart whose keys"),
        ("金额 | Yuan", "金额", r"wanted 中文 \| English, found '金额'"),
        ("-- key     nature", "-- key     member", r"`key` should read <one of business_date, nature> = <expression>"),
        ("WITH loan", "CREATE VIEW x AS WITH loan", r"there should be one SELECT"),
        ("SELECT ':days'", "DELETE FROM a; SELECT ':days'", r"there should be one statement"),
    ],
)
def test_a_malformed_head_says_what_was_wanted(folder: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        mart_of(folder, old, new)


def test_facts_come_after_what_they_read(folder: Path) -> None:
    for name, reads in (("alpha", "fact.beta"), ("beta", "fact.loan")):
        text = FACT.replace("fact.loan", f"fact.{name}").replace("asof.loan", reads)
        (folder / "facts" / f"{name}.sql").write_text(text)
    assert [fact.name for fact in load_sql_files(folder).facts] == ["loan", "beta", "alpha"]


def test_facts_that_read_each_other_are_refused(folder: Path) -> None:
    (folder / "facts" / "alpha.sql").write_text(FACT.replace("fact.loan", "fact.alpha").replace("asof.loan", "fact.alpha"))
    with pytest.raises(ConfigurationError, match=r"facts read each other: fact.alpha → fact.alpha"):
        load_sql_files(folder)


def test_the_hash_knows_the_select_and_the_facts_below_but_not_the_comments(folder: Path) -> None:
    files = load_sql_files(folder)
    before = files.hash_of(files.marts[0])

    def after(file: str, old: str, new: str) -> str:
        path = folder / file
        text = path.read_text()
        path.write_text(text.replace(old, new))
        files = load_sql_files(folder)
        path.write_text(text)
        return files.hash_of(files.marts[0])

    assert after("marts/loan_flow.sql", "-- the only one; really", "-- another remark") == before
    assert after("marts/loan_flow.sql", "WHERE day", "WHERE the_day") != before
    assert after("facts/loan.sql", "SELECT 1", "SELECT 2") != before


def test_a_firm_in_the_keys_keeps_a_mart_closed_but_for_sums_over_firms(folder: Path) -> None:
    text = MART.replace("business_date, nature\n-- stale", "business_date, uscc\n-- stale").replace("nature", "uscc")
    file = folder / "marts" / "loan_flow.sql"
    file.write_text(text)
    assert not load_sql_files(folder).marts[0].is_open
    file.write_text(text.replace("-- rounded", "-- open    business_date: paid\n-- rounded"))
    opened = load_sql_files(folder).marts[0]
    assert (opened.is_open, opened.open_keys, opened.open_sums) == (True, ("business_date",), ("paid",))


def test_a_check_says_what_follows(tmp_path: Path) -> None:
    file = tmp_path / "power.sql"
    head = "-- check    X03\n-- severity review\n-- keys     as_of, uscc\n-- stale    as_of\n-- reads    fact.loan\n"
    head += "-- touches  S002, S003\n-- column   as_of  截至 | Day\n-- column   uscc  代码 | Code\n"
    file.write_text(head + "-- says     {n_rows} 家 | {n_rows} firms\nSELECT 1 WHERE day = ANY(:days)")
    check = read_check(file)
    assert (check.id, check.severity, check.touches) == ("X03", "review", ("S002", "S003"))
    assert (check.keys, check.stale) == (("as_of", "uscc"), "as_of")
    file.write_text(head.replace("review", "bad") + "-- says     a | b\nSELECT 1")
    with pytest.raises(ConfigurationError, match="`severity` should be one of error, warning, review, found 'bad'"):
        read_check(file)


def test_every_file_of_the_project_can_be_read() -> None:
    folder = PROJECT / "include" / "sql"
    files = load_sql_files(folder)
    read = [file.file for file in (*files.facts, *files.marts, *files.checks)]
    there = [file for name in ("facts", "marts", "checks") for file in (folder / name).glob("*.sql")]
    assert sorted(read) == sorted(there)
    assert len(files.facts) > 5
    assert len(files.marts) > 5
