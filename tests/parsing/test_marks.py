"""What names and titles declare does not depend on chance."""

from __future__ import annotations

import os
import subprocess
import sys

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.marks import title_words

SAY = """
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.marks import marks, title_words
words = title_words(load_contracts(PROJECT / "include" / "contracts"), ["FGW", "发改委"])
print(marks(["20200310_R15_FGW_V2"], ["上街区重点项目台账(更正)  更正"], words).not_taken)
"""


def test_a_title_with_words_that_overlap_is_read_alike_in_every_process() -> None:
    """One of the first seeds, 4, put 项目台账 before 重点项目, and the title was told as a mark that is not taken."""
    said = {
        seed: subprocess.run(
            [sys.executable, "-c", SAY], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("0", "4")
    }
    assert set(said.values()) == {"('更正',)\n"}


def test_longer_words_come_first() -> None:
    words = title_words(load_contracts(PROJECT / "include" / "contracts"), ["FGW"])
    assert list(words) == sorted(words, key=lambda word: (-len(word), word))
    assert len(words) > 20
