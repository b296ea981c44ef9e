"""Writes the corpus: `python -m tests.corpus.make [PATH …]` makes the named files again, without names those that are missing.

The committed files are the corpus; this is how they came to be, and how a new one is added. Truths are written for all files:
what a line means is said in `tests/corpus/cases`, not by Fugong. LibreOffice is needed only for the files that it wrote.
"""

from __future__ import annotations

import argparse
import json

from tests.corpus import cases
from tests.corpus.building import CASES, Made
from tests.corpus.truth import FILES, SUFFIX, dumps


def main() -> None:
    """Write files and truths."""
    cases.load()
    parser = argparse.ArgumentParser(description="Write the corpus.")
    parser.add_argument("paths", nargs="*", help="files to make again, such as layout/total_row_on_top.xlsx")
    paths: list[str] = parser.parse_args().paths
    unknown = set(paths) - CASES.keys()
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    for path, (says, make) in CASES.items():
        file = FILES / path
        truth_file = file.with_name(file.name + SUFFIX)
        case = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        if path in paths or not file.exists():
            file.write_bytes(case.made.write())
        elif truth_file.exists():
            # The file stays as it was made, with whatever version it was.
            case.made = Made(case.made.write, json.loads(truth_file.read_text(encoding="utf-8"))["made_by"])
        truth_file.write_text(dumps(case.truth(path, says)), encoding="utf-8")


if __name__ == "__main__":
    main()
