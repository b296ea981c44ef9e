"""`python -m tests.audit [held_out|developed_on]`: how well texts are read, by the figures of the warehouse of $FUGONG_HOME.

`python -m tests.audit measure FOLDER [SEED]`: ratios confirmed, contradictions stated and planted falsifications found in the
marked texts of a folder (`tests/audit/measure.py` says how they are marked). It needs no warehouse.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from fugong.audit.audit import compare
from fugong.audit.words import load_words
from fugong.core.settings import Settings
from fugong.figures.definition import load_definitions
from fugong.figures.figure import figures
from fugong.warehouse.connection import connect
from tests.audit.marked_texts import score, texts
from tests.audit.measure import measure

DAY = date(2020, 3, 18)


def main() -> None:
    if sys.argv[1:2] == ["measure"]:
        measured = measure(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
        print("\n".join([*measured.faults, *measured.contradictions, str(measured)]))
        return
    settings = Settings.load()
    definitions = load_definitions(settings.include)
    with connect(settings) as connection:
        known = {figure.id: figure for figure in figures(connection, settings.include, DAY, checks=False)}
    words = load_words(settings.include)
    for half in sys.argv[1:] or ["developed_on"]:
        found = score(texts(half), lambda text: compare(text, definitions, known, DAY, words), known)
        print("\n".join(found.faults))
        print(f"{half}: {found}")


if __name__ == "__main__":
    main()
