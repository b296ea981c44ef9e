"""Hostile texts through real readers: Markdown, Jinja's pages, a terminal, JSON, a file system. Each means itself there, and nothing else."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown as render
from rich.table import Column, Table

from fugong import audit
from fugong.briefing import render as render_package
from fugong.cli.console import Console
from fugong.core.sanitize import as_json, file_stem, markdown, markdown_code, neutralise, on_screen, one_line, restore, with_sign

pytestmark = pytest.mark.attack

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[点这里](https://evil.example/)",
    "![](https://evil.example/pixel.png)",
    "<https://evil.example/>",
    "https://evil.example/ 或 www.evil.example 或 a@evil.example",
    "[1]: https://evil.example/",
    "[^1]",
    "**粗** __粗__ *斜* _斜_ ~~删~~ ==亮==",
    "`code` ``code``",
    "a | b | c",
    "# 标题",
    "税务局\n\n# 标题\n\n- 一\n- 二",
    "第一行  \n第二行",
    "\\*已转义\\*",
    "{: onclick=alert(1) }",
    "$\\sum$",
    "\x1b[31m红\x1b[0m\x07",
    "\x9b31m红",
    "报表\u202excod.exe",
    "| --- |\n| x |",
    "```\nx\n```",
    "&#60;b&#62;",
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %}",
)
EXTENSIONS = [
    "tables",
    "footnotes",
    "attr_list",
    "fenced_code",
    "admonition",
    "pymdownx.tilde",
    "pymdownx.mark",
    "pymdownx.magiclink",
]
"""Beside the plain dialect, what widely used readers add: links without markup among them."""
AS_SHOWN = str.maketrans("\uff1a\uff20\uff0e", ":@.")


def rendered(text: str) -> ET.Element:
    return ET.fromstring(f"<page>{render(text, extensions=EXTENSIONS)}</page>")


def words(text: str) -> str:
    """What a reader reads, whatever the spaces."""
    return " ".join(text.translate(AS_SHOWN).split())


def tags(element: ET.Element) -> list[str]:
    return [one.tag for one in element.iter()]


@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_a_text_means_itself(text: str) -> None:
    for place, wanted in (
        (f"部门说:{markdown(text)}。", ["page", "p"]),
        (f"- 一\n- {markdown(text)}", ["page", "ul", "li", "li"]),
        (f"| 甲 | 乙 |\n| --- | --- |\n| {markdown(text)} | 1 |", ["page", *"table thead tr th th tbody tr td td".split()]),
        (f"**{markdown('x' + text + 'x')}**", ["page", "p", "strong"]),
    ):
        found = rendered(place)
        assert tags(found) == wanted
        assert words(one_line(text)) in words("".join(found.itertext()))
        assert not any(one.attrib for one in found.iter())


@pytest.mark.parametrize("text", HOSTILE)
def test_in_markdown_a_name_may_stand_as_code(text: str) -> None:
    found = rendered(f"- 12 TAX {markdown_code(text)}:入库 1 → 2")
    assert tags(found) == ["page", "ul", "li", "code"]
    assert words(one_line(text)) in words("".join(found.itertext()))


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_at_all_is_text_in_markdown(text: str) -> None:
    if not one_line(text).strip():
        return
    assert set(tags(rendered(f"部门说:{markdown(text)}。"))) <= {"page", "p"}
    assert set(tags(rendered(f"部门说:{markdown_code(text)}。"))) <= {"page", "p", "code"}


def test_these_renderers_do_find_what_is_not_escaped() -> None:
    assert set(tags(rendered(" ".join(HOSTILE[3:7])))) >= {"a", "img"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_terminal_shows_control_characters_and_obeys_none(text: str) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=200)
    console.print(text, markup=False, highlight=False)
    shown = out.getvalue()
    assert not set(shown) & {"\x1b", "\x9b", "\x07", "\u202e"}
    assert words(on_screen(text.replace("\x07", ""))) == words(shown)  # Rich drops the bell itself
    console.print("[red]x[/red]")
    assert "\x1b[31mx" in out.getvalue()  # our own colours are


def test_a_table_on_a_narrow_terminal_cuts_no_cell() -> None:
    out = io.StringIO()
    table = Table("指标", Column("编号", no_wrap=True))
    names = ["省市重点项目年度计划投资", "省市重点项目年度计划开工"]
    for name in names:
        table.add_row(name, "S068")
    Console(file=out, width=24).print(table)
    shown = re.sub(r"[^\u4e00-\u9fff]", "", out.getvalue())
    assert all(name in shown for name in names)
    assert "…" not in out.getvalue()


def test_json_for_a_terminal_is_the_same_document() -> None:
    document = {"复工": list(HOSTILE), "x": "\udc80\u2028\x7f"}
    written = as_json(document)
    assert json.loads(written) == document
    assert "复工" in written
    assert not [c for c in written if c != "\n" and with_sign(c) != c]


@pytest.mark.parametrize(
    ("sent", "stem"),
    [
        ("税务局3月18日\x1b[2J.xlsx", "税务局3月18日\u241b[2J"),
        ("报表\u202exslx.csv", "报表\u27e8202E\u27e9xslx"),
        ("a\tb\nc.csv", "a\u2409b\u240ac"),
        ("税费\\3月.csv", "税费_3月"),
    ],
)
def test_the_name_of_a_receipt_keeps_the_head_of_the_senders(sent: str, stem: str) -> None:
    assert file_stem("".join(map(with_sign, sent))) == stem


def test_no_unseen_character_hides_a_formula() -> None:
    unseen_heads = [
        chr(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in {"Cf", "Cc", "Zs", "Zl", "Zp"}
        or code in {0x34F, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0xFE0F, 0xE0100}
    ]
    assert len(unseen_heads) > 250
    for head in unseen_heads:
        for formula in ("=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\uff1d1+1", "\ufe66x", "\u207bx", "\u2212cmd"):
            assert neutralise(head + formula) == "'" + head + formula, f"{ord(head):04X}"
            assert neutralise(head * 2 + " " + formula).startswith("'")


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=2),
    st.sampled_from(["{}", "{:,}", " {}", "\u200b{}", "{}%", "{:+}", "\u2212{}", "\uff0d{}"]),
)
def test_no_number_is_harmed(number: Decimal, form: str) -> None:
    text = form.format(abs(number) if form[0] in "\u2212\uff0d" else number)
    assert neutralise(text) == text


@given(st.text(st.sampled_from("=+-@'\t\n \u200b\uff1d1a一"), max_size=8))
def test_what_is_made_harmless_is_restored(text: str) -> None:
    if not text.startswith("'"):
        assert restore(neutralise(text)) == text


def test_pages_opened_from_a_disk_fetch_nothing_and_run_nothing() -> None:
    templates = [Path(package.__file__).parent / "templates" for package in (audit, render_package)]
    pages = [page for folder in templates for page in folder.glob("*.html.jinja")]
    assert {page.name for page in pages} == {"audit.html.jinja", "briefing.html.jinja"}
    for page in pages:
        said = page.read_text("utf-8")
        assert "content=\"default-src 'none'; style-src 'unsafe-inline';" in said.partition("<title>")[0]
        assert "<script" not in said
