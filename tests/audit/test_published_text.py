"""A published text against the figures of the sample district: 18 March 2020."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fugong.audit.audit import WORDED, Audit, compare
from fugong.audit.checks import check_text
from fugong.audit.find_quantities import find_quantities
from fugong.audit.judging import Status
from fugong.audit.remarks import AGREES, CONTRADICTION
from fugong.audit.text import read_text
from fugong.audit.words import load_words
from fugong.briefing.document import Text, compose
from fugong.cli.app import app
from fugong.core.settings import PROJECT, Settings
from fugong.core.vocabulary import Lang
from fugong.figures.definition import Definition, load_definitions
from fugong.figures.figure import Figure, figures
from fugong.warehouse.connection import connect
from tests.audit.marked_texts import score, texts

DAY = date(2020, 3, 18)
WORDS = load_words(PROJECT / "include")
BRIEFING = """\
临江区企业复工复产工作简报（样稿）
截至3月18日，规上工业复工率、用工恢复率均为
100%；在建的47个建设工程全部复工。
一、审批。54项手续办完46项，办结率85.2%。
二、资金。发放企业贷款 2.51 亿元，惠及企业 34
户；稳岗补贴拨付 218.9 万元，减税退税 1379.88
万元。
三、走访。收集企业问题 755 个，当场解决 578 个，
其余 177 个交办。省市重点项目 20 个，总投资 218.9
亿元，已开工 16 个，占项目总数的 88.9%。另有投资
20 亿的项目正在洽谈。
"""


@pytest.fixture(scope="module")
def known(sample_district: Settings) -> Iterator[Mapping[str, Figure]]:
    with connect(sample_district) as connection:
        yield {figure.id: figure for figure in figures(connection, sample_district.include, DAY, checks=False)}


@pytest.fixture(scope="module")
def definitions() -> Mapping[str, Definition]:
    return load_definitions(PROJECT / "include")


@pytest.fixture(scope="module")
def audit(known: Mapping[str, Figure], definitions: Mapping[str, Definition]) -> Audit:
    return compare(BRIEFING, definitions, known, DAY, WORDS)


def test_nine_of_ten_figures_are_found_in_texts_that_were_held_out(
    known: Mapping[str, Figure], definitions: Mapping[str, Definition]
) -> None:
    files = texts("held_out")
    assert len(files) == 16
    found = score(files, lambda text: compare(text, definitions, known, DAY, WORDS), known)
    faults = "\n".join(found.faults)
    assert found.n_mentions > 20, faults
    assert found.recall >= 0.9, faults
    assert found.precision >= 0.9, faults
    assert found.n_status >= 0.95 * found.n_found, faults


def test_what_we_print_is_read_back(
    sample_district: Settings, known: Mapping[str, Figure], definitions: Mapping[str, Definition], tmp_path: Path
) -> None:
    with connect(sample_district) as connection:
        briefing = compose(connection, sample_district.include, DAY)
    marked = "".join(
        _marked(text, known, definitions) for text in (briefing.lead, *(t for s in briefing.sections for t in s.texts))
    )
    file = tmp_path / "briefing.txt"
    file.write_text(marked, encoding="utf-8")
    found = score([file], lambda text: compare(text, definitions, known, DAY, WORDS), known)
    faults = "\n".join([marked, *found.faults])
    assert found.n_mentions > 20, faults
    assert found.recall >= 0.9, faults
    assert found.n_status == found.n_found, faults


def _marked(text: Text, known: Mapping[str, Figure], definitions: Mapping[str, Definition]) -> str:
    """A paragraph as it is printed, its figures marked; words, lists and parts of rates are not."""
    written = f"{text.heading}\n" if text.heading else ""
    for piece in text.pieces:
        if isinstance(piece, str):
            written += piece
            continue
        is_number = definitions[piece.figure].display.kind not in WORDED and piece.shown == known[piece.figure].display
        written += f"{{{piece.shown}|{piece.figure}}}" if is_number else piece.shown
    return written + "\n"


def test_equal_and_different_numbers_are_told_apart(audit: Audit) -> None:
    of_text = {(one.figure.id if one.figure else None, one.text): one.status for one in audit.numbers}
    assert of_text[("S001", "3月18日")] is Status.EQUAL
    assert of_text[("S002", "100%")] is Status.EQUAL
    assert of_text[("S003", "100%")] is Status.EQUAL
    assert of_text[("S006", "47个")] is Status.EQUAL
    assert of_text[("S038", "34户")] is Status.EQUAL
    assert of_text[("S033", "218.9万元")] is Status.EQUAL
    assert of_text[("S041", "1379.88万元")] is Status.EQUAL
    assert of_text[("S039", "2.51亿元")] is Status.DIFFERENT
    wrong = next(one for one in audit.numbers if one.status is Status.DIFFERENT and one.figure and one.figure.id == "S039")
    assert wrong.trace(DAY, None) == "fugong trace S039 --as-of 2020-03-18"
    assert (wrong.line, BRIEFING[wrong.start : wrong.end]) == (5, "2.51 亿元")


def test_contradictions_are_found_without_a_figure(audit: Audit) -> None:
    assert [(remark.code, remark.verdict, audit.text.line(remark.at)) for remark in audit.remarks] == [
        ("ratio", "agrees", 4),
        ("parts", "agrees", 8),
        ("same-digits", "suspicion", 9),
        ("ratio", "contradiction", 10),
        ("unit-missing", "suspicion", 11),
    ]
    assert "16个÷20个=80.0%;分母为 18 时才得 88.9%" in audit.remarks[3].message.zh
    assert compare(BRIEFING, {}, {}, DAY, WORDS).remarks[0].message == audit.remarks[0].message


def test_a_hundred_per_cent_is_all_of_them(known: Mapping[str, Figure], definitions: Mapping[str, Definition]) -> None:
    from dataclasses import replace
    from decimal import Decimal

    nearly = {**known, "S002": replace(known["S002"], value=Decimal("0.9996"), display="99.9%")}
    of = {
        one.text: one.status
        for text in ("规上工业复工率100%。", "规上工业复工率99.9%。", "规上工业复工率99.96%。")
        for one in compare(text, definitions, nearly, DAY, WORDS).numbers
    }
    assert of == {"100%": Status.DIFFERENT, "99.9%": Status.EQUAL, "99.96%": Status.EQUAL}


def test_a_figure_told_twice_must_be_told_alike(known: Mapping[str, Figure], definitions: Mapping[str, Definition]) -> None:
    twice = compare("企业贷款发放2.15亿元。\n企业贷款发放2.3亿元。", definitions, known, DAY, WORDS)
    assert [remark.code for remark in twice.remarks] == ["told-twice"]
    assert compare("企业贷款发放2.15亿元。\n企业贷款发放2.3亿元。", {}, {}, DAY, WORDS).remarks == ()
    rounded = compare("企业贷款发放2.15亿元。\n企业贷款发放21500万元。", definitions, known, DAY, WORDS)
    assert rounded.remarks == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_command_prints_a_table_and_json(
    sample_district: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    file = tmp_path / "briefing.txt"
    file.write_bytes(BRIEFING.encode(encoding))
    monkeypatch.setenv("FUGONG_HOME", str(sample_district.home))
    monkeypatch.delenv("FUGONG_WAREHOUSE", raising=False)
    asked = ["audit", str(file), "--as-of", "2020-03-18"]
    printed = CliRunner().invoke(app, [*asked, "--json", "--lang", "en"])
    assert printed.exit_code == 0, printed.output
    document = json.loads(printed.stdout)
    assert document["counts"]["different"] == len([one for one in document["numbers"] if one["status"] == "different"]) > 0
    assert [remark["code"] for remark in document["remarks"]][:2] == ["ratio", "parts"]
    page = tmp_path / "page.html"
    shown = CliRunner().invoke(app, [*asked, "-o", str(page)])
    assert shown.exit_code == 0
    assert 'class="n different"' in page.read_text(encoding="utf-8")
    assert "S039 贷款金额" in shown.stdout and "不符" in shown.stdout
    assert "分母为 18" in shown.stdout


def test_what_is_no_text_is_refused(sample_district: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUGONG_HOME", str(sample_district.home))
    file = tmp_path / "briefing.docx"
    file.write_bytes(b"PK\x03\x04\0\0\xff\xff")
    refused = CliRunner().invoke(app, ["audit", str(file), "--as-of", "2020-03-18"])
    assert refused.exit_code == 1
    assert "briefing.docx 不是 .docx,或已损坏" in refused.output


def test_our_english_briefing_contradicts_nothing(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        briefing = compose(connection, sample_district.include, DAY, lang=Lang.EN)
    paragraphs = (briefing.lead, *(text for section in briefing.sections for text in section.texts))
    written = "\n".join(
        "".join(piece if isinstance(piece, str) else piece.shown for piece in (text.heading, *text.pieces)) for text in paragraphs
    )
    read = read_text(written)
    found = check_text(read, find_quantities(read.plain, DAY.year))
    assert "have resumed" in written
    assert not [one.message.en for one in found if one.verdict == CONTRADICTION], written
    assert [one for one in found if one.verdict == AGREES and one.code == "ratio"], written
