"""The briefing of the sample district: what it says, that it says the same again, and what is kept of it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest

from fugong.briefing import adjustment, ending, publishing
from fugong.briefing.annex import TASKFORCE
from fugong.briefing.configuration import briefing_faults
from fugong.briefing.document import Briefing, Signature, compose
from fugong.briefing.obstacles import Kind
from fugong.briefing.wording import Citation, load_template
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.figures.display import NOT_DETERMINABLE
from fugong.figures.figure import figures
from fugong.figures.rules import load_figure_rules
from fugong.marts.header import read_check
from fugong.warehouse.connection import connect

D = date(2020, 3, 18)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def connection(sample_district: Settings) -> Iterator[psycopg.Connection[Any]]:
    """The sample district; what a test changes comes to nothing."""
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture(scope="module")
def draft(sample_district: Settings) -> Briefing:
    """The briefing of the last day, unsigned."""
    with connect(sample_district) as connection:
        return compose(connection, sample_district.include, D)


def text_of(briefing: Briefing) -> str:
    """The text as it is read, without headings."""
    texts = [briefing.lead, *(text for section in briefing.sections for text in section.texts)]
    return "".join(piece if isinstance(piece, str) else piece.shown for text in texts for piece in text.pieces)


def paragraphs(docx: bytes) -> list[str]:
    """The paragraphs of a Word document."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in package.infolist())
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))
        document = ElementTree.fromstring(package.read("word/document.xml"))
    return ["".join(text.text or "" for text in found.iter(f"{WORD}t")) for found in document.iter(f"{WORD}p")]


def test_the_briefing_prints_every_golden_figure_as_it_is(draft: Briefing, sample_district: Settings) -> None:
    with (sample_district.include / "samples" / "golden.csv").open(encoding="utf-8", newline="") as file:
        golden = {line["figure"]: line["display"] for line in csv.DictReader(file)}
    pieces = [piece for text in (draft.lead, *(text for one in draft.sections for text in one.texts)) for piece in text.pieces]
    printed = {piece.figure: piece.shown for piece in pieces if isinstance(piece, Citation)}
    said_once = {"S003", "S005", "S008"}  # the same as the rate beside, so the sentence says it once
    assert {name: draft.figures[name].figure.display for name in golden} == golden
    open_ones = {name for name, display in golden.items() if display == NOT_DETERMINABLE}
    others = load_template(sample_district.include).not_printed.keys() | {"S076"}
    wanted = {name for name in golden if name.startswith("S")} - said_once - open_ones - others
    assert len(wanted) >= 45
    assert wanted <= printed.keys()
    assert printed.keys().isdisjoint(said_once | open_ones | others)
    assert {name: shown for name, shown in printed.items() if name in golden and shown != golden[name]} == {}
    assert draft.issuer == "区发改委"


def test_the_english_briefing_is_english(sample_district: Settings) -> None:
    with connect(sample_district) as connection:
        english = compose(connection, sample_district.include, D, lang=Lang.EN)
    names = "上街发布|红星盾构|方顶驿|郑煤机三期|霸凌金国冷链|吉利手拉手天天车展城|鹏博士大数据中心|示例.银行|医保发〔2020〕6号"  # nobody has translated them
    shown = [english.masthead, english.title, english.basis, english.issuer, text_of(english), *english.missing]
    shown += [note.text for note in english.notes]
    shown += [text for section in english.sections for text in (section.heading, *(one.heading for one in section.texts))]
    shown += [value for table in english.tables for row in table.rows for value in row]
    assert len(shown) > 200
    assert [text for text in shown if re.search("[\u4e00-\u9fff]", re.sub(names, "", text))] == []
    assert "13.7988 million yuan" in text_of(english)
    moved = next(table for table in english.tables if table.title.en.startswith("Figures that moved"))
    assert any('Finance Office sent "Enterprise loans"' in row[3] for row in moved.rows)
    assert not any(re.search(r"\b(JRB|TAX|Z0\d) sent", row[3]) for row in moved.rows)
    assert "More than 4,000 mu" in text_of(english)
    complete = publishing.write(replace(english, missing=()), "md").decode()
    assert "> **Draft, not signed.**\n" in complete  # a blank before the stars would leave them in the text
    for form in ("docx", "md"):
        assert b"\xe7\x9f\xa5\xe6\x82\x89\xe6\x97\xb6\xe7\x82\xb9" not in publishing.write(english, form)


def test_a_footnote_has_no_codes_of_ours(draft: Briefing, sample_district: Settings) -> None:
    include = sample_district.include
    rules = {rule.id for rule in load_figure_rules(include)}
    checks = {read_check(file).id for file in (include / "sql" / "checks").glob("*.sql")}
    codes = rules | checks | draft.figures.keys()
    assert len(draft.notes) > 10
    assert len(rules) > 5
    assert len(checks) > 20
    assert [note.text for note in draft.notes if any(re.search(rf"\b{code}\b", note.text) for code in codes)] == []


def tables_of(docx: bytes) -> Iterator[tuple[list[int], list[list[str]]]]:
    """The tables of a Word document that hold no other: the widths of their columns, and the texts of their cells."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        document = ElementTree.fromstring(package.read("word/document.xml"))
    for table in document.iter(f"{WORD}tbl"):
        if len(list(table.iter(f"{WORD}tbl"))) == 1:
            widths = [int(column.attrib[f"{WORD}w"]) for column in table.iter(f"{WORD}gridCol")]
            rows = [
                ["".join(text.text or "" for text in cell.iter(f"{WORD}t")) for cell in row.iter(f"{WORD}tc")]
                for row in table.iter(f"{WORD}tr")
            ]
            yield widths, rows


@pytest.mark.parametrize("lang", Lang)
def test_no_table_has_codes_of_ours_or_a_column_narrower_than_a_word(sample_district: Settings, lang: Lang) -> None:
    with connect(sample_district) as connection:
        briefing = compose(connection, sample_district.include, D, lang=lang, edition=TASKFORCE)
    codes = {*briefing.figures, *(rule.id for rule in load_figure_rules(sample_district.include))}
    n_front, found = len(briefing.front), list(tables_of(publishing.write(briefing, "docx")))
    assert len(found) == n_front + sum(bool(table.rows) for table in briefing.tables) > 8
    for number, (widths, rows) in enumerate(found):
        is_front = number < n_front
        points = 90 if is_front else 108  # twentieths of a point for half a character
        if is_front:  # its title is a row of it, and moves to the next page with it
            title = rows.pop(0)
            assert title in [[told] for table in briefing.front for told in (table.title.zh, table.title.en)]
        assert len(rows) > 1
        for row in rows:
            assert len(row) == len(widths)
            for width, text in zip(widths, row, strict=True):
                assert not {word for word in re.findall(r"\w+", text) if word in codes or "_" in word}, text
                longest = max((len(word) for word in text.split() if word.isascii()), default=0)
                assert longest * points <= width, (rows[0], text)
    if lang is Lang.EN:
        everything = " ".join(paragraphs(publishing.write(briefing, "docx")))
        assert not re.search(r"\d{4}-\d{2}-\d{2}|[a-z]_[a-z]", everything)


def test_page_one_compares_and_only_the_task_force_reads_who_is_behind(
    connection: psycopg.Connection[Any], draft: Briefing, sample_district: Settings
) -> None:
    front = {table.title.zh: table for table in draft.front}
    assert list(front) == ["各项政策金额", "各镇办复工率", "目标与进度", "本周与上周"]
    policies = {(row[0], row[1]): row[2] for row in front["各项政策金额"].rows}
    assert policies["财政奖补", "收到"] == "4,118.00"
    assert ("省市重点项目开复工", "18", "16", "88.9%") in front["目标与进度"].rows
    assert len(front["各镇办复工率"].rows) == 6
    hidden = [row[0] for row in front["各镇办复工率"].rows if row[3] == "—"]
    [(fewest, n_fewest)] = connection.execute(
        """
        SELECT MIN(n_should), COUNT(*) FILTER (WHERE n_should < 3)
        FROM mart.resumption_daily WHERE as_of = %s AND scope = 'trade' AND dimension = 'township'
        """,
        (D,),
    ).fetchall()
    assert fewest < 3
    assert len(hidden) == max(2, n_fewest)  # one alone could be subtracted
    week = {row[0]: row[1:] for row in front["本周与上周"].rows}
    assert week["规上工业复工率"][1] == draft.figures["S002"].figure.display
    before = compose(connection, sample_district.include, D - timedelta(days=7)).figures["S002"].figure
    assert week["规上工业复工率"][0] == before.display
    early = D - timedelta(days=20)
    everybody = compose(connection, sample_district.include, early)
    taskforce = compose(connection, sample_district.include, early, edition=TASKFORCE)
    named = {table.title.zh for table in taskforce.front} - {table.title.zh for table in everybody.front}
    assert named == {"落后名单"}
    assert publishing.write(taskforce, "docx") != publishing.write(everybody, "docx")


def test_the_same_arguments_give_the_same_bytes(draft: Briefing, sample_district: Settings) -> None:
    # As known at that moment: the marts' SELECTs are run again instead of reading their tables.
    with connect(sample_district) as connection:
        again = compose(connection, sample_district.include, D, draft.known_at)
        before = compose(connection, sample_district.include, D, draft.known_at - timedelta(days=5))
    for form, writer in publishing.WRITERS.items():
        assert writer(again) == writer(draft), form
        assert writer(before) != writer(draft), form


def test_page_one_says_draft_until_it_is_signed_and_what_is_missing_always(draft: Briefing) -> None:
    signed = replace(draft, signature=Signature("区发改委主任", datetime(2020, 3, 19, 12, 0, tzinfo=SHANGHAI)))
    late = replace(draft, signature=Signature("期限", datetime(2020, 3, 19, 12, 0, tzinfo=SHANGHAI), is_provisional=True))
    assert any("沿用旧数" in line and "《房租减免台账》" in line for line in draft.missing)
    assert any("尚未明确" in line for line in draft.missing)
    first = {
        name: paragraphs(publishing.write(one, "docx"))[:8]
        for name, one in (("draft", draft), ("late", late), ("signed", signed))
    }
    assert first["draft"][0] == "草稿"
    assert first["late"][0] == "临时发布"
    for name in ("draft", "late"):
        assert any("沿用旧数" in line and "《房租减免台账》" in line for line in first[name])
    assert first["signed"][0] == ""
    assert "签发：区发改委主任" in first["signed"][2]
    assert any("沿用旧数" in line and "《房租减免台账》" in line for line in first["signed"])
    assert not any("未经签发" in line or "尚未签发" in line for line in first["signed"])
    for form in ("html", "md"):
        assert "草稿" in publishing.write(draft, form).decode()
        assert "草稿" not in publishing.write(signed, form).decode()
        assert "临时发布" in publishing.write(late, form).decode()


def test_links_of_the_word_document_lead_into_its_annex(draft: Briefing) -> None:
    with zipfile.ZipFile(io.BytesIO(publishing.write(draft, "docx"))) as package:
        document = ElementTree.fromstring(package.read("word/document.xml"))
    names = [mark.get(f"{WORD}name") for mark in document.iter(f"{WORD}bookmarkStart")]
    links = [link.get(f"{WORD}anchor") for link in document.iter(f"{WORD}hyperlink")]
    assert len(names) == len(set(names)) == 1 + sum(bool(table.rows) for table in draft.tables)
    assert len(links) > 40
    assert set(links) == {"annex", names[-1]}


def test_every_figure_of_the_page_opens_its_trace(draft: Briefing) -> None:
    page = publishing.write(draft, "html").decode()
    linked = set(re.findall(r'class="figure[^"]*" href="#([^"]+)"', page))
    assert linked == {name for name, one in draft.figures.items() if one.is_printed}
    assert len(linked) >= 20
    assert linked <= set(re.findall(r'<aside id="([^"]+)"', page))
    assert "20200318_R04_TAX_V1.csv" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # needs nothing but itself
    assert page.count("<svg") == len(draft.charts) >= 3


def test_charts_end_where_the_figures_are(draft: Briefing, sample_district: Settings) -> None:
    curves = {curve.figure: curve for chart in draft.charts for curve in chart.curves}
    assert {"S002", "S004", "S007", "S039", "S041"} <= curves.keys()
    with connect(sample_district) as connection:
        for on in (D, date(2020, 3, 10), date(2020, 2, 20)):
            found = figures(connection, sample_district.include, on, ids=curves, checks=False)
            assert {one.id: dict(curves[one.id].points).get(on) for one in found} == {one.id: one.value for one in found}


def test_what_was_published_can_be_had_again_after_the_words_have_changed(
    connection: psycopg.Connection[Any], sample_district: Settings, tmp_path: Path
) -> None:
    shutil.copytree(sample_district.include, tmp_path / "include")
    own = Settings(sample_district.home, tmp_path, None)
    first = publishing.publish(connection, own, D, signer="区发改委主任")
    kept = {form: publishing.fetch(connection, first.publication_id, form) for form in publishing.WRITERS}
    words = own.include / "briefing" / "briefing.yaml"
    words.write_text(words.read_text(encoding="utf-8").replace("现将", "兹将"), encoding="utf-8")
    publishing.code_version.cache_clear()
    second = publishing.publish(connection, own, D, first.known_at, signer="时限", is_provisional=True)
    assert publishing.publications(connection, D) == [second, first]
    assert second.code_version != first.code_version
    for form, content in kept.items():
        assert publishing.fetch(connection, first.publication_id, form) == content
    assert "现将" in kept["md"].decode()
    assert "兹将" in publishing.fetch(connection, second.publication_id, "md").decode()
    with pytest.raises(LookupError, match="pdf"):
        publishing.fetch(connection, first.publication_id, "pdf")


def test_what_is_broken_is_left_out_of_the_briefing_and_named(
    connection: psycopg.Connection[Any], sample_district: Settings, draft: Briefing, tmp_path: Path
) -> None:
    include = tmp_path / "include"
    shutil.copytree(sample_district.include, include)

    def change(file: str, before: str, after: str) -> None:
        text = (include / file).read_text(encoding="utf-8")
        assert before in text
        (include / file).write_text(text.replace(before, after), encoding="utf-8")

    change("briefing/briefing.yaml", '"S039"', '"S939"')
    change("briefing/figures/20_money_and_land.yaml", "id: S041", "id: S041\n  nmae: x")
    change("briefing/front/10_relief.sql", "-- title", "title")
    change("briefing/annex/10_late.sql", "FROM", "FORM")
    change("briefing/rules.yaml", "- id", "- di")
    found = compose(connection, include, D)
    page = publishing.write(found, "md").decode()
    assert "there is no figure 'S939'" in page
    assert found.figures["S041"].figure.display == "配置有误"
    assert not {"S041", "S039"} & {name for name, one in found.figures.items() if one.is_printed}
    assert [table.title.zh for table in (*found.front, *found.tables) if table.fault] == [
        "10_relief(配置有误,没有计算)",
        "迟报和缺报的报表(配置有误,没有计算)",
    ]
    # whether a figure gives a firm away
    assert [one.text.zh for one in found.obstacles if one.kind is Kind.FIRM] == ["没有核对,配置有误"]
    for name in ("S001", "S028", "S076"):
        assert found.figures[name].figure.value == draft.figures[name].figure.value
    faults = [str(fault) for fault in briefing_faults(include, found.figures.keys() - {"S939"})]
    assert [fault.partition(":")[0].removeprefix("include/") for fault in faults] == [
        "briefing/front/10_relief.sql",
        "briefing/rules.yaml",
        "briefing/briefing.yaml",
    ]


def test_a_publication_keeps_the_english_edition_where_it_is_asked_for(
    connection: psycopg.Connection[Any], sample_district: Settings
) -> None:
    chinese = publishing.publish(connection, sample_district, D, signer="区发改委主任")
    both = publishing.publish(connection, sample_district, D, signer="区发改委主任", with_english=True)
    assert list(chinese.sha256) == ["docx", "html", "md"]
    assert set(both.sha256) == {"docx", "html", "md", "en.docx", "en.html", "en.md"}
    text = publishing.fetch(connection, both.publication_id, publishing.kept_as("md", Lang.EN)).decode()
    assert "Signed: Director of the Development and Reform Commission" in text
    assert "13.7988 million yuan" in text
    assert publishing.fetch(connection, both.publication_id, "md").decode() == publishing.fetch(
        connection, chinese.publication_id, "md"
    ).decode().replace(f"{chinese.signed_at:%H:%M:%S}", f"{both.signed_at:%H:%M:%S}")
    with pytest.raises(NotFoundError, match=r"en\.docx"):
        publishing.fetch(connection, chinese.publication_id, publishing.kept_as("docx", Lang.EN))


def test_a_day_without_data_is_not_signed_and_goes_out_with_what_is_missing(
    connection: psycopg.Connection[Any], sample_district: Settings
) -> None:
    silent = date(2020, 3, 22)
    with pytest.raises(publishing.NotToBeSigned, match="2020-03-22 没有任何报表"):
        publishing.publish(connection, sample_district, silent, signer="区发改委主任", reason="理由")
    done = publishing.publish(connection, sample_district, silent, signer="到时无人签发", is_provisional=True)
    [unknown] = [line for line in done.missing if line.startswith("无法确定:")]
    assert {"规上工业复工率", "建设工程数", "口罩日产能"} <= set(re.findall("“([^”]+)”", unknown))
    page = publishing.fetch(connection, done.publication_id, "md").decode()
    text, _, annex = page.partition("\n## 1.")
    assert "没有数据：2020-03-22 没有任何报表。" in text.partition("\n## 一、")[0]
    assert not re.search(r"(?<![0-9.])0%", text)
    assert "“规上工业复工率”无法确定：应报 118，当日无一报送。" in annex


def test_what_the_year_before_left_is_not_signed(connection: psycopg.Connection[Any], sample_district: Settings) -> None:
    draft = compose(connection, sample_district.include, date(2021, 1, 5))
    told = "".join(draft.missing)
    assert "“计划供地面积”" in told
    assert "“重点项目年度计划投资”" in told
    assert "“梳理问题数”的台账已 295 天(至多 31 天)" in told
    assert "供地" not in text_of(draft)
    assert not re.search(r"本周已(有|开)0", text_of(draft))


def test_a_day_that_has_not_come_is_never_published(connection: psycopg.Connection[Any], sample_district: Settings) -> None:
    tomorrow = datetime.now(SHANGHAI).date() + timedelta(1)
    for is_provisional in (False, True):
        with pytest.raises(RefusedError, match="has not come yet"):
            publishing.publish(connection, sample_district, tomorrow, signer="甲", is_provisional=is_provisional)


def test_a_headline_that_jumps_wants_a_reason_which_is_kept(
    connection: psycopg.Connection[Any], sample_district: Settings, tmp_path: Path
) -> None:
    shutil.copytree(sample_district.include, tmp_path / "include", ignore=shutil.ignore_patterns("samples"))
    own = Settings(sample_district.home, tmp_path, None)
    words = own.include / "briefing" / "briefing.yaml"
    words.write_text(words.read_text(encoding="utf-8").replace("S041: {share: 0.5}", "S041: {share: 0.001}"), encoding="utf-8")
    with pytest.raises(publishing.NotToBeSigned, match=r"--reason.*“减免退税费”由上日的 [0-9.]+万元 变为 1379\.88万元"):
        publishing.publish(connection, own, D, signer="区发改委主任")
    done = publishing.publish(connection, own, D, signer="区发改委主任", reason="3月申报期集中入账")
    assert publishing.publications(connection, D)[0].reason == done.reason == "3月申报期集中入账"
    assert "说明：3月申报期集中入账" in publishing.fetch(connection, done.publication_id, "md").decode()


def test_a_publication_is_superseded_or_withdrawn_and_its_files_stay(
    connection: psycopg.Connection[Any], sample_district: Settings, tmp_path: Path
) -> None:
    own = replace(sample_district, home=tmp_path)
    first = publishing.publish(connection, own, D, signer="值班", is_provisional=True)
    second = publishing.publish(connection, own, D, signer="区发改委主任")
    third = publishing.publish(connection, own, D, signer="值班", is_provisional=True)
    folder = own.briefings / D.isoformat()
    folder.mkdir(parents=True)
    copy = folder / f"复工简报_{D}_第{second.publication_id}号.md"
    copy.write_bytes(publishing.fetch(connection, second.publication_id, "md"))
    with pytest.raises(RefusedError, match="a person and a reason"):
        ending.withdraw(connection, second.publication_id, person="区发改委主任", reason=" ")
    with pytest.raises(NotFoundError):
        ending.withdraw(connection, 10**6, person="区发改委主任", reason="口径有误")
    end = ending.withdraw(connection, second.publication_id, person="区发改委主任", reason="口径有误")
    ending.mark_copies(own, connection, second.publication_id)
    with pytest.raises(RefusedError, match="before"):
        ending.withdraw(connection, second.publication_id, person="区发改委主任", reason="口径有误")
    found = {one.publication_id: one.end for one in publishing.publications(connection, D)}
    superseded = found[first.publication_id]
    assert superseded is not None
    assert (superseded.kind, superseded.successor_id) == ("superseded", second.publication_id)
    assert (end.kind, end.person, end.reason) == ("withdrawn", "区发改委主任", "口径有误")
    assert found[second.publication_id] == end
    assert third.end is not None  # what is provisional takes nothing's place that was signed
    assert (third.end.kind, third.end.successor_id) == ("superseded", second.publication_id)
    assert found[third.publication_id] == third.end
    fourth = publishing.publish(connection, own, D, signer="值班", is_provisional=True)  # nothing signed is in force any more
    assert [one.publication_id for one in publishing.publications(connection, D) if one.end is None] == [fourth.publication_id]
    assert [file.name for file in folder.iterdir()] == [f"复工简报_{D}_第{second.publication_id}号_已撤回.md"]
    assert publishing.fetch(connection, second.publication_id, "md")


def test_an_adjustment_stands_beside_its_figure_from_then_on(
    connection: psycopg.Connection[Any], sample_district: Settings, draft: Briefing
) -> None:
    include = sample_district.include
    given = {"reason": "一笔转贷重复填报", "proposer": "金融办科长"}
    with pytest.raises(ValueError, match="somebody else"):
        adjustment.adjust(connection, include, "S039", D, "2.1亿元", approver="金融办科长", **given)
    with pytest.raises(LookupError, match="S939"):
        adjustment.adjust(connection, include, "S939", D, "2.1亿元", approver="区发改委主任", **given)
    done = adjustment.adjust(connection, include, "s039", D, "2.1亿元", approver="区发改委主任", **given)
    after = compose(connection, include, D)
    assert after.known_at == done.recorded_at
    assert text_of(after) == text_of(draft)  # beside the figure, never instead of it
    [note] = after.figures["S039"].notes
    assert "2.1亿元" in note.text
    assert "一笔转贷重复填报" in note.text
    for form in publishing.WRITERS:
        assert publishing.write(after, form) != publishing.write(draft, form)
    assert publishing.write(compose(connection, include, D, draft.known_at), "html") == publishing.write(draft, "html")
    with pytest.raises(ValueError, match="a person and a reason"):
        adjustment.revoke(connection, done.adjustment_id, person="区发改委主任", reason=" ")
    ended = adjustment.revoke(connection, done.adjustment_id, person="区发改委主任", reason="核实后不需要")
    assert adjustment.adjustments(connection, D) == []
    assert adjustment.adjustments(connection, D, done.recorded_at)[0].adjustment_id == done.adjustment_id
    revoked = compose(connection, include, D)
    assert (revoked.known_at, revoked.figures["S039"].notes) == (ended.revoked_at, draft.figures["S039"].notes)
    with pytest.raises(ValueError, match="revoked before"):
        adjustment.revoke(connection, done.adjustment_id, person="区发改委主任", reason="再次")


@pytest.mark.parametrize(
    ("figure", "day", "value", "wrong"),
    [
        ("S039", D, "2.1亿吨", "its unit"),
        ("S039", D, "2.1", "its unit"),
        ("S039", D, "大约不少", "its unit"),
        ("S039", D, "1亿元至2亿元和3亿元", "its unit"),
        ("S002", D, "116家", "its unit"),
        ("S002", D, "130%", "is usually"),
        ("S039", date(2020, 3, 19), "2.1亿元", "no report speaks of"),
        ("S039", date(1999, 1, 1), "2.1亿元", "no report speaks of"),
    ],
)
def test_an_adjustment_in_another_unit_beyond_the_band_or_of_a_day_without_reports_is_refused(
    connection: psycopg.Connection[Any], sample_district: Settings, figure: str, day: date, value: str, wrong: str
) -> None:
    persons = {"reason": "一笔转贷重复填报", "proposer": "金融办科长", "approver": "区发改委主任"}
    with pytest.raises(ValueError, match=wrong):
        adjustment.adjust(connection, sample_district.include, figure, day, value, **persons)
