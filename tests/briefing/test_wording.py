"""The briefing's template: what it prints, what it leaves out, and what it refuses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from fugong.briefing.wording import Citation, LeftOut, load_template, write
from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT
from fugong.figures.definition import load_definitions
from fugong.figures.figure import Figure

INCLUDE = PROJECT / "include"
RUN = 12
PUBLISHED = Path(__file__).with_name("published_text.sha256")
"""Every run of 12 characters of the text that the district published, as the first 16 hex digits of its SHA-256."""


def figure(name: str, value: Decimal | str | None, display: str, *of: Decimal) -> Figure:
    numerator, denominator = of or (None, None)
    return Figure(name, name, f"指标{name}", date(2020, 3, 18), None, value, "1", display, numerator, denominator)


FIGURES = {
    one.id: one
    for one in (
        figure("A", Decimal(1), "100%"),
        figure("B", Decimal(1), "100%"),
        figure("C", Decimal("0.852"), "85.2%", Decimal(46), Decimal(54)),
        figure("TOTAL", Decimal(60), "60"),
        figure("NONE", None, ""),
        figure("WORDS", Decimal("0.8"), ""),
        replace(figure("OPEN", None, "尚不能确定"), is_determinable=False),
    )
}


def template(tmp_path: Path, *sentences: object, **more: object) -> Path:
    document = {"masthead": "简报", "title": "题", "basis": "调度数", "issuer": "A", "lead": list(sentences), **more}
    (tmp_path / "briefing").mkdir(exist_ok=True)
    (tmp_path / "briefing" / "briefing.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return tmp_path


def written(tmp_path: Path, sentence: object) -> object:
    [found] = load_template(template(tmp_path, sentence)).lead.sentences
    return write(found, FIGURES)


def test_figures_stand_in_the_text_as_citations(tmp_path: Path) -> None:
    assert written(tmp_path, '办结{{ figure("C") }}({{ numerator("C") }}/{{ denominator("C") }})。') == (
        "办结",
        Citation("C", "85.2%"),
        "(",
        Citation("C", "46"),
        "/",
        Citation("C", "54"),
        ")。",
    )
    assert written(tmp_path, '另{{ difference("TOTAL", "C") }}项。') == ("另", Citation("C", "6"), "项。")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NONE", "NONE“指标NONE”没有数据"),
        ("WORDS", "WORDS“指标WORDS”未达到用词的标准"),
        ("OPEN", "OPEN“指标OPEN”尚不能确定"),
    ],
)
def test_a_sentence_without_its_figure_is_left_out_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    left_out = written(tmp_path, f'完成{{{{ figure("A") }}}},{{{{ figure("{name}") }}}}。')
    assert isinstance(left_out, LeftOut)
    assert left_out.reasons == (reason,)


@pytest.mark.parametrize(
    ("when", "is_printed"),
    [
        ('same("A", "B")', True),
        ('same("A", "C")', False),
        ('not known("OPEN") and not known("NONE")', True),
        ('value("TOTAL") == denominator_of("C")', False),
        ('shown("A") == "100%"', True),
    ],
)
def test_a_condition_decides(tmp_path: Path, when: str, is_printed: bool) -> None:
    assert (written(tmp_path, {"text": "有话。", "when": when}) is not None) is is_printed


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("{{ nobody('A') }}", "no function 'nobody'"),
        ("{{ figure(1) }}", "wants figure ids in quotes"),
        ("{{ figure('A' }}", "unexpected"),
        ({"text": "x", "if": "y"}, "wanted a mapping"),
        ("{{ ''.__class__.__mro__ }}{{ figure('A') }}", "unsafe"),
        ({"text": "x", "when": 'value("NONE") > 1'}, "NoneType"),
    ],
)
def test_our_mistakes_raise(tmp_path: Path, sentence: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        written(tmp_path, sentence)


def test_every_figure_is_printed_or_has_a_reason_not_to_be() -> None:
    found = load_template(INCLUDE)
    definitions = load_definitions(INCLUDE).keys()
    stated = {name for name in definitions if name.startswith("S")}
    assert {f"S{number:03}" for number in range(1, 77)} <= stated
    assert set(found.figures) <= definitions
    assert found.not_printed.keys() <= stated - set(found.figures)
    assert stated <= set(found.figures) | found.not_printed.keys()


def shingles(text: str) -> set[str]:
    """Every run of characters, without what is nobody's own: blanks, quotes, punctuation, figures and names of documents."""
    bare = re.sub(r"《[^》]*》|\{\{.*?\}\}|[0-9.%\s“”\"'‘’,，。、;；:：()（）]+", "", text)
    return {hashlib.sha256(bare[at : at + RUN].encode()).hexdigest()[:16] for at in range(len(bare) - RUN + 1)}


def test_no_sentence_is_taken_from_the_text_that_was_published() -> None:
    published = set(PUBLISHED.read_text(encoding="ascii").split())
    assert len(published) > 1000
    found = load_template(INCLUDE)
    texts = [found.title, found.masthead, found.basis, *(sentence.text for sentence in found.sentences)]
    texts += [section.heading for section in found.sections]
    taken = [text for text in texts if shingles(text) & published]
    assert len(texts) > 20
    assert taken == []
