"""What pages say: marks between values are set, and every role has a name."""

from __future__ import annotations

import re

from fugong.access.account import Role
from fugong.web import rights
from fugong.web.page import TEMPLATES, typeset

JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
CODE = re.compile(r"<pre.*?</pre>", re.DOTALL)
HALF_WIDTH = re.compile("\0(?:</[a-z]+>)*[:;,.](?= |<|\n)|[(]\0")
"""A mark between two values that the Chinese page would show half-width; templates take it from `mark`."""


def test_marks_between_values_are_set() -> None:
    files = sorted(TEMPLATES.glob("*.jinja"))
    assert {"receipt.html.jinja", "board.html.jinja", "mart.html.jinja"} < {file.name for file in files}
    found = {
        f"{file.name}: {text[max(0, one.start() - 40) : one.end() + 20]!r}"
        for file in files
        for text in [JINJA.sub("\0", CODE.sub("", file.read_text(encoding="utf-8")))]
        for one in HALF_WIDTH.finditer(text)
    }
    assert found == set()


def test_a_sentence_for_a_script_is_set_in_its_chinese() -> None:
    assert typeset("“空.csv”是空文件,没有收 | empty, not taken") == "“空.csv”是空文件\uff0c没有收 | empty, not taken"


def test_each_role_has_a_name() -> None:
    assert set(rights.NAMES) == set(Role)
