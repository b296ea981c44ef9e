import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import Draft202012Validator

from fugong.core import schema
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.core.vocabulary import CheckSeverity
from fugong.marts.header import read_annex, read_check, read_fact, read_mart, read_question
from fugong.marts.model import Contribution, FirmsBehind, Rollup, SqlFile
from fugong.marts.model_of_tables import Parameter
from fugong.marts.parameters import with_days
from fugong.marts.sql_files import load_sql_files

FACT = """-- description: A fact.
--
-- writes: fact.loan
-- grain: one row per loan
-- reads: [asof.loan]
-- columns:
--   paid: 金额 | Yuan
SELECT 1 AS paid
"""
MART = """-- description: |
--   Loans, by day: what was paid.
--   Renewals are in it.
--
-- writes: mart.loan_flow
-- grain: one row per business_date, nature
-- keys: [business_date, nature]
-- partition_by: business_date
-- reads: [
--   fact.loan,
--   ref.policy_param
-- ]
-- serves: S039
-- key_expressions:
--   nature: ":nature"
-- sums:
--   paid: [fact.loan.paid, fact.loan.paid]
--   lowest: {least: fact.loan.paid}
-- suppression:
--   firms: n_firms
--   values:
--     - {firms: n_firms - n_new, largest: largest, columns: [paid, lowest]}
-- rounded: [lowest]
-- columns:
--   business_date: 日期 | Day
--   nature: 性质 | Nature
--   paid: 金额 | Yuan
--   lowest: 最低 | Lowest
--   n_firms: 户数 | Firms
--   n_new: 新增 | New firms
--   largest: 最大 | Largest

-- Renewals are kept apart.
WITH loan AS (
    SELECT 1 -- the only one; really
)

SELECT ':days' AS text, 1::integer FROM loan WHERE day = ANY(:days);
"""
CHECK = """-- check: X03
-- severity: review
-- keys: [as_of, uscc]
-- partition_by: as_of
-- lookback_days: [1, 7]
-- reads: [fact.loan]
-- touches: [S002, S003]
-- message: "{n_rows} 家 | {n_rows} firms"
-- columns:
--   as_of: 截至 | Day
--   uscc: 代码 | Code
SELECT 1 WHERE day = ANY(:days)
"""
ANNEX = """-- title: 迟报 | Late
-- draft_label: 未收到 | Not received
-- reads: [mart.loan_flow]
-- columns: {department: 部门 | Department}
SELECT 1
"""
QUESTION = """-- number: 2
-- question: 问 | Who?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
--   days: {label: 天数 | Days, default: 14}
-- window_days: 7
-- reads: [open.loan_flow]
-- columns: {department: 部门 | Department}
SELECT 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, file, text in (("facts", "loan", FACT), ("marts", "loan_flow", MART)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{file}.sql").write_text(text)
    return tmp_path


def edited(file: Path, text: str, old: str, new: str) -> Path:
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def test_a_head_is_read(folder: Path) -> None:
    mart = load_sql_files(folder).mart("mart.loan_flow")
    assert mart.description == "Loans, by day: what was paid.\nRenewals are in it."
    assert mart.keys == ("business_date", "nature")
    assert mart.partition_by == "business_date"
    assert mart.reads == ("fact.loan", "ref.policy_param")
    assert mart.sums["paid"].contributions == (Contribution("fact.loan", "paid"),) * 2
    assert (mart.sums["paid"].aggregate, mart.sums["lowest"].aggregate) == ("sum", "least")
    assert mart.key_expressions == {"nature": ":nature"}
    assert mart.columns["paid"] == Bilingual("金额", "Yuan")
    assert mart.suppression == (
        FirmsBehind(("n_firms",), None, ()),
        FirmsBehind(("n_firms", "n_new"), "largest", ("paid", "lowest")),
    )
    assert (mart.rounded, mart.hidden) == (("lowest",), ("largest",))
    assert not mart.is_open  # by day of business: the difference of two days may be one firm's
    assert mart.body.startswith("-- Renewals are kept apart.\nWITH loan AS (")
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
        ("-- grain:", "-- grane:", r"loan_flow.sql:6: there is no key 'grane'. Did you mean 'grain'\?"),
        ("-- partition_by:", "-- stale:", r"loan_flow.sql:8: there is no key 'stale'. Did you mean 'title'"),
        ("largest: largest", "biggest: largest", r"loan_flow.sql:22: `suppression.values.0` has no key 'biggest'. There is: col"),
        (
            "mart.loan_flow",
            "mart.loans",
            r"loan_flow.sql:5: `writes` should be mart.loan_flow, as the file is named, found 'mart",
        ),
        (
            "mart.loan_flow",
            "fact.loan_flow",
            r"loan_flow.sql:5: `writes` should look like 'mart.loan_daily', found 'fact.loan_fl",
        ),
        ("-- keys: [business_date, nature]\n", "", r"loan_flow.sql:1: the document needs the key 'keys'"),
        (
            "-- partition_by: business_date",
            "-- partition_by: busines_date",
            r"loan_flow.sql:8: `partition_by` should be one of as_of, business_date, period, found 'busines_date'. Did you mean 'bu",
        ),
        ("[business_date, nature]", "[nature]", r"loan_flow.sql:8: 'business_date' should be one of the keys"),
        (
            "[business_date, nature]",
            "[business_date, natur]",
            r"loan_flow.sql:7: 'natur' is not among `columns`. Did you mean 'na",
        ),
        ("-- reads", "-- lookback_days: [1]\n-- reads", r"loan_flow.sql:9: `lookback_days` goes with `partition_by: as_of`, fou"),
        ("-- reads", "-- max_lag_days: 9\n-- reads", r"loan_flow.sql:9: `max_lag_days` goes with `partition_by: as_of`, fou"),
        ("-- reads", "-- keep: latest\n-- reads", r"loan_flow.sql:9: `keep` goes with `partition_by: as_of`, found"),
        ("-- reads", "-- max_lag_days: x\n-- reads", r"loan_flow.sql:9: `max_lag_days` should be of type integer, found 'x'"),
        ("fact.loan,", "fact.loan, loan,", r"loan_flow.sql:10: `reads.1` should look like 'fact.loan', found 'loan'"),
        (
            "  fact.loan,",
            "  fact.loans,",
            r"loan_flow.sql:10: reads fact.loans, which no file writes. Did you mean 'fact.loan'\?",
        ),
        ("  ref.pol", "  mart.loan_flow, ref.pol", r"loan_flow.sql:11: reads mart.loan_flow; read facts instead"),
        (
            "paid: [fact.loan.paid,",
            "paid: [fact.loan.pad,",
            r"loan_flow.sql:17: fact.loan has no column 'pad'. Did you mean 'paid",
        ),
        ("paid: [fact.loan.paid,", "paid: [loan.paid,", r"loan_flow.sql:17: `sums.paid.0` should look like 'fact.loan.paid'"),
        (
            "paid: [fact.loan.paid,",
            "paid: [fact.other.paid,",
            r"loan_flow.sql:17: sums fact.other.paid, but fact.other is not among",
        ),
        ("{least: ", "{lowest: ", r"loan_flow.sql:18: `sums.lowest` has no key 'lowest'. Did you mean 'least'"),
        ("   paid: [fact", "   payed: [fact", r"loan_flow.sql:17: 'payed' is not among `columns`. Did you mean 'paid'\?"),
        ("firms: n_firms\n", "firms: firms\n", r"loan_flow.sql:20: 'firms' is not among `columns`. Did you mean 'n_firms'\?"),
        ("--   firms: n_firms\n", "", r"loan_flow.sql:19: `suppression` needs the key 'firms'"),
        (
            "n_firms - n_new",
            "n_firms / n_new",
            r"loan_flow.sql:22: `suppression.values.0.firms` should look like 'n_enterprises'",
        ),
        ("[lowest]", "[lowest, high]", r"loan_flow.sql:23: 'high' is not among `columns`"),
        (
            "-- rounded",
            "-- public_rollup: {keys: [nature], sums: [paid]}\n-- rounded",
            r"loan_flow.sql:23: `public_rollup` is for mar",
        ),
        ("金额 | Yuan", "金额", r"loan_flow.sql:27: `columns.paid` should look like '.* | .*', found '金额'"),
        ("--   paid: 金额", "--   Paid: 金额", r"loan_flow.sql:27: a key of `columns` should look like 'paid', found 'Paid'"),
        ("--   paid: 金额", "--   lowest: 金额", r"loan_flow.sql:28: 'lowest' stands here twice"),
        ('--   nature: "', '--   member: "', r"loan_flow.sql:15: 'member' is not among `keys`"),
        ("-- serves: S039", "-- serves: a: b", r"loan_flow.sql:13: this is not YAML: mapping values are not allowed"),
        (
            "-- serves: S039",
            "--serves: S039",
            r"loan_flow.sql:13: a line of the head should begin with `-- `, found '--serves: S039'",
        ),
        ("WITH loan", "CREATE VIEW x AS WITH loan", r"loan_flow.sql:32: below the head there should be one SELECT"),
        ("SELECT ':days'", "DELETE FROM a; SELECT ':days'", r"there should be one statement"),
    ],
)
def test_a_malformed_head_is_refused_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    file = edited(folder / "marts" / "loan_flow.sql", MART, old, new)
    with pytest.raises(ConfigurationError, match=message):
        read_mart(file)
        load_sql_files(folder)


def test_a_file_without_a_head_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "loan.sql"
    file.write_text("SELECT 1")
    with pytest.raises(
        ConfigurationError, match=r"loan.sql:1: the file should begin with a head: YAML in lines that begin with `-- `"
    ):
        read_fact(file)


@pytest.mark.parametrize(
    ("read", "name", "text", "message"),
    [
        (read_fact, "loan", FACT.replace("writes", "view"), r"loan.sql:3: there is no key 'view'"),
        (
            read_fact,
            "loan",
            FACT.replace("-- columns", "-- excludes: {flag: is_exempt, entity: paid}\n-- columns"),
            r"loan.sql:6: 'is_exempt' is not among `columns`",
        ),
        (
            read_check,
            "x03",
            CHECK.replace("review", "bad"),
            r"x03.sql:2: `severity` should be one of error, warning, review, found 'bad'",
        ),
        (read_check, "x03", CHECK.replace("touches", "touchs"), r"x03.sql:7: there is no key 'touchs'. Did you mean 'touches'\?"),
        (read_check, "x03", CHECK.replace("   uscc", "   code"), r"x03.sql:3: 'uscc' is not among `columns`"),
        (
            read_check,
            "x03",
            CHECK.replace("-- columns", "-- said: [code]\n-- columns"),
            r"x03.sql:9: 'code' is not among `columns`",
        ),
        (
            read_check,
            "x03",
            CHECK.replace("-- columns", "-- tells: [code]\n-- columns"),
            r"x03.sql:9: 'code' is not among `columns`",
        ),
        (read_annex, "late", ANNEX.replace("draft_label", "draft"), r"late.sql:2: there is no key 'draft'"),
        (read_question, "02_who", QUESTION.replace("default", "defalt"), r"02_who.sql:6: `parameters.days` has no key 'defalt'"),
        (
            read_question,
            "03_who",
            QUESTION,
            r"03_who.sql:1: `number` should be the number that the file's name begins with, found 2",
        ),
    ],
)
def test_every_kind_of_file_has_its_own_keys(
    tmp_path: Path, read: Callable[[Path], SqlFile], name: str, text: str, message: str
) -> None:
    file = tmp_path / f"{name}.sql"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read(file)


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "loan.sql"
    file.write_text(FACT)
    assert read_fact(file) is read_fact(file)
    file.write_text(FACT.replace("SELECT 1", "SELECT 2"))
    assert read_fact(file).body == "SELECT 2 AS paid"


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


def test_the_hash_of_a_select_stays_that_of_earlier_releases(folder: Path) -> None:
    # The digest that warehouses keep of this SELECT, computed before heads were YAML. Another one would build every mart anew.
    files = load_sql_files(folder)
    assert files.hash_of(files.marts[0]) == "e4626af7dabfcfa0a9dac56deb8d0dc574feb141a318672b6ef88634e2ae4582"


def test_a_firm_in_the_keys_keeps_a_mart_closed_but_for_sums_over_firms(folder: Path) -> None:
    text = MART.replace("nature", "uscc")
    file = folder / "marts" / "loan_flow.sql"
    file.write_text(text)
    assert not load_sql_files(folder).marts[0].is_open
    edited(file, text, "-- rounded", "-- public_rollup: {keys: [business_date], sums: [paid]}\n-- rounded")
    opened = load_sql_files(folder).marts[0]
    assert (opened.is_open, opened.public_rollup) == (True, Rollup(("business_date",), ("paid",)))
    edited(file, text, "-- rounded", "-- public_rollup: {keys: [day], sums: [paid]}\n-- rounded")
    with pytest.raises(ConfigurationError, match=r"loan_flow.sql:23: 'day' is not among `columns`"):
        load_sql_files(folder)


def test_heads_of_checks_annexes_and_questions_are_read(tmp_path: Path) -> None:
    for name, text in (("x03", CHECK), ("late", ANNEX), ("02_who", QUESTION)):
        (tmp_path / f"{name}.sql").write_text(text)
    check = read_check(tmp_path / "x03.sql")
    assert (check.id, check.severity, check.touches) == ("X03", CheckSeverity.REVIEW, ("S002", "S003"))
    assert (check.keys, check.partition_by, check.lookback_days) == (("as_of", "uscc"), "as_of", (1, 7))
    assert check.message == Bilingual("{n_rows} 家", "{n_rows} firms")
    annex = read_annex(tmp_path / "late.sql")
    assert (annex.title, annex.draft_label) == (Bilingual("迟报", "Late"), Bilingual("未收到", "Not received"))
    question = read_question(tmp_path / "02_who.sql")
    assert (question.number, question.text, question.window_days) == (2, Bilingual("问", "Who?"), 7)
    assert question.parameters == {
        "as_of": Parameter(None, Bilingual("截至", "The day")),
        "days": Parameter("14", Bilingual("天数", "Days")),
    }


SCHEMAS = {
    kind: json.loads((schema.SCHEMAS / f"sql-{kind}.schema.json").read_text(encoding="utf-8"))
    for kind in ("fact", "mart", "check", "annex", "question")
}


def parts(schema: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and every schema inside it, with its path."""
    yield name, schema
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key], f"{name}.{key}")
    for key, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{name}.{key}")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_key_of_a_head_is_explained_with_an_example_that_fits(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    found = dict(parts(SCHEMAS[kind], kind))
    assert len(found) > 8
    for name, one in found.items():
        assert {"title", "description"} <= one.keys(), name
        if name == kind:
            continue
        assert one["examples"], name
        for example in one["examples"]:
            Draft202012Validator(one).validate(example)
    objects = [one for one in found.values() if "properties" in one]
    assert all(one["additionalProperties"] is False for one in objects)


def test_a_key_means_the_same_in_every_head() -> None:
    words = {word for content in SCHEMAS.values() for word in content["properties"]}
    shared = {word for word in words if sum(word in content["properties"] for content in SCHEMAS.values()) > 1}
    assert shared >= {"description", "reads", "columns", "keys", "partition_by"}
    for word in shared - {"writes"}:  # facts write views, marts tables
        first, *others = [content["properties"][word] for content in SCHEMAS.values() if word in content["properties"]]
        assert all(one == first for one in others), word


def test_every_file_of_the_project_can_be_read() -> None:
    folder = PROJECT / "include" / "sql"
    files = load_sql_files(folder)
    read = [file.file for file in (*files.facts, *files.marts, *files.checks)]
    there = [file for name in ("facts", "marts", "checks") for file in (folder / name).glob("*.sql")]
    assert sorted(read) == sorted(there)
    assert len(files.facts) > 5
    assert len(files.marts) > 5
