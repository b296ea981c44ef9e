"""The briefing's template: what it prints, what it leaves out, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from fugong.briefing.wording import Citation, LeftOut, Template, load_template, write
from fugong.core.errors import ConfigurationError
from fugong.core.schema import SCHEMAS
from fugong.core.settings import PROJECT
from fugong.core.vocabulary import Lang
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
        ("NONE", "“指标NONE”没有数据"),
        ("WORDS", "“指标WORDS”未达到用词的标准"),
        ("OPEN", "“指标OPEN”尚不能确定"),
    ],
)
def test_a_sentence_without_its_figure_is_left_out_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    left_out = written(tmp_path, f'完成{{{{ figure("A") }}}},{{{{ figure("{name}") }}}}。')
    assert isinstance(left_out, LeftOut)
    assert [one.zh for one in left_out.reasons] == [reason]


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
    ("sentence", "message"),
    [
        ("{{ nobody('A') }}", "no function 'nobody'"),
        ("{{ figure(1) }}", "wants figure ids in quotes"),
        ("{{ figure('A' }}", "unexpected"),
        ({"text": "x", "whem": "y"}, "has no key 'whem'. Did you mean 'when'?"),
        ("{{ ''.__class__.__mro__ }}{{ figure('A') }}", "unsafe"),
        ({"text": "x", "when": 'value("NONE") > 1'}, "NoneType"),
    ],
)
def test_our_mistakes_raise(tmp_path: Path, sentence: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        written(tmp_path, sentence)


def test_the_english_sentence_prints_the_same_figures_in_its_own_words(tmp_path: Path) -> None:
    given = {"text": '办结{{ figure("C") }}。', "en": '{{ figure("C") }} are done.'}
    [found] = load_template(template(tmp_path, given)).lead.sentences
    assert write(found, FIGURES, Lang.EN, {"C": "some"}) == (Citation("C", "Some"), " are done.")
    with pytest.raises(ConfigurationError, match=r"yaml:\d+: the English sentence prints other figures than C"):
        load_template(template(tmp_path, given | {"en": '{{ figure("A") }} are done.'}))
    [without] = load_template(template(tmp_path, given["text"])).lead.sentences
    with pytest.raises(ConfigurationError, match=r"has no sentence in English"):
        write(without, FIGURES, Lang.EN)


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
    texts = [found.title.zh, found.masthead.zh, found.basis.zh, *(sentence.text for sentence in found.sentences)]
    texts += [section.heading.zh for section in found.sections]
    taken = [text for text in texts if shingles(text) & published]
    assert len(texts) > 20
    assert taken == []


# What the schema refuses, with file and line

GOOD = """masthead: 简报
title: 题
basis: 调度数
issuer: A
lead:
  - 完成{{ figure("A") }}。
sections:
  - heading: 用工
    paragraphs:
      - heading: 招聘。
        sentences:
          - text: 完成{{ figure("B") }}。
            when: known("C")
charts:
  - title: 图
    unit: "%"
    figures: [A, B]
not_printed:
  C: 只作测算
"""


def load(tmp_path: Path, text: str) -> Template:
    (tmp_path / "briefing").mkdir(exist_ok=True)
    (tmp_path / "briefing" / "briefing.yaml").write_text(text, encoding="utf-8")
    return load_template(tmp_path)


def test_figures_are_those_that_the_file_names_anywhere(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)
    assert found.figures == ("A", "B", "C")
    assert found.not_printed == {"C": "只作测算"}
    assert [sentence.source.rpartition(":")[2] for sentence in found.sentences] == ["6", "12"]
    found.refuse_unknown(FIGURES)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("masthead:", "masthed:", 1, "no key 'masthed'. Did you mean 'masthead'?"),
        ("issuer: A\n", "", 1, "needs the key 'issuer'"),
        ("title: 题", "title: [题]", 2, "`title` should be of type string"),
        ("basis: 调度数", "basis: ' '", 3, "`basis` should look like"),
        ('  - 完成{{ figure("A") }}。', "  - 7", 6, "`lead.0` should be of type string or object"),
        ("    paragraphs:", "    paragraph:", 9, "has no key 'paragraph'. Did you mean 'paragraphs'?"),
        ("        sentences:", "        sentence:", 11, "has no key 'sentence'. Did you mean 'sentences'?"),
        ("            when:", "            wenn:", 13, "has no key 'wenn'. Did you mean 'when'?"),
        ("          - text:", "          - tekst:", 12, "has no key 'tekst'. Did you mean 'text'?"),
        ("    figures: [A, B]", "    figures: []", 17, "`charts.0.figures` does not fit"),
        ("    figures: [A, B]", "    figure: [A, B]", 17, "has no key 'figure'. Did you mean 'figures'?"),
        ("  C: 只作测算", "  C: 3", 19, "`not_printed.C` should be of type string"),
        ("  C: 只作测算", "  C: a\n  C: b", 20, "'C' stands here twice"),
        ("lead:", "lead: [", 6, "this is not YAML"),
        ('figure("A")', 'figur("A")', 6, "there is no function 'figur' here. Did you mean 'figure'?"),
        ('known("C")', "known(3)", 13, "known wants figure ids in quotes"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_line_and_the_nearest_word(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(ConfigurationError, match=re.escape(message)) as error:
        load(tmp_path, GOOD.replace(old, new))
    assert f"briefing/briefing.yaml:{line}: " in str(error.value)


@pytest.mark.parametrize(
    ("old", "line"), [("issuer: A", 4), ('figure("B")', 12), ('known("C")', 13), ("[A, B]", 17), ("  C: 只", 19)]
)
def test_a_figure_that_nobody_defines_is_refused_where_it_is_first_named(tmp_path: Path, old: str, line: int) -> None:
    text = GOOD.replace(old, re.sub("[ABC](?!.*[ABC])", "TOTALS", old))
    with pytest.raises(ConfigurationError, match=re.escape("there is no figure 'TOTALS'. Did you mean 'TOTAL'?")) as error:
        load(tmp_path, text).refuse_unknown(FIGURES)
    assert f"briefing/briefing.yaml:{line}: " in str(error.value)


def test_without_a_wording_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"briefing/briefing\.yaml: there is no such file"):
        load_template(tmp_path)


def test_a_condition_that_cannot_be_evaluated_is_named_with_its_line(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD.replace('known("C")', 'value("NONE") > 1'))
    with pytest.raises(ConfigurationError, match=r"briefing/briefing.yaml:12: .*NoneType"):
        write(list(found.sentences)[1], FIGURES)


# The schema itself


def schema() -> dict[str, Any]:
    return json.loads((SCHEMAS / "briefing.schema.json").read_text(encoding="utf-8"))


def explained(part: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property and definition of a schema, with its path."""
    for keyword in ("properties", "$defs"):
        for name, one in part.get(keyword, {}).items():
            yield f"{at}/{keyword}/{name}", one
            yield from explained(one, f"{at}/{keyword}/{name}")
    for keyword in ("items", "then", "additionalProperties"):
        if isinstance(one := part.get(keyword), dict):
            yield from explained(one, f"{at}/{keyword}")


def test_every_word_of_the_schema_is_explained_and_its_examples_fit() -> None:
    Draft202012Validator.check_schema(schema())
    found = dict(explained(schema(), "#"))
    assert {path.rpartition("/")[2] for path in found} == {
        "masthead", "title", "basis", "issuer", "lead", "sections", "charts", "not_printed", "heading", "paragraphs", "sentences",
        "text", "when", "unit", "figures", "figure", "sentence", "section", "paragraph", "chart",
        "en", "terms", "publishing", "least_coverage", "oldest_ledger_days", "may_drafter_sign", "jumps", "by", "share",
    }  # fmt: skip
    for path, one in found.items():
        assert {"title", "description", "examples"} <= one.keys(), path
        validator = Draft202012Validator({"$defs": schema()["$defs"], **one})
        for example in one["examples"]:
            assert [error.message for error in validator.iter_errors(example)] == [], path
        if one.get("type") == "object" and "properties" in one:
            assert one["additionalProperties"] is False, path


def test_editors_find_the_schema_of_the_wording() -> None:
    file = INCLUDE / "briefing" / "briefing.yaml"
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (file.parent / first.partition("=")[2]).resolve() == SCHEMAS / "briefing.schema.json"
