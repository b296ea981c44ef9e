"""The score of any reader over the corpus: `python -m tests.corpus [--faults] [COMMAND …]`.

Without a command it is Fugong's. A command is run once per file, with four arguments more: path, department, name under which
it was dropped, moment of arrival. It prints one JSON object: `outcome`, `report`, `report_date`, `counts`, `rows`, `findings`,
as in a truth. What fails, or prints anything else, has answered nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from tests.corpus.fugong_answer import SETTINGS, answer
from tests.corpus.score import faults, table
from tests.corpus.truth import Answer, Score, Truth, answer_of, compare, truths

SECONDS = 60
NOTHING = Answer("no answer", None, None, {}, {}, [])


def by_command(command: list[str], truth: Truth) -> Answer:
    """What a command answers to a file."""
    given = [str(truth.file), truth.department, truth.file_name, truth.received_at.isoformat()]
    try:
        found = subprocess.run([*command, *given], capture_output=True, timeout=SECONDS, check=True)
        return answer_of(json.loads(found.stdout))
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        print(f"{truth.path}: {error}", file=sys.stderr)
        return NOTHING


def by_fugong() -> dict[str, tuple[Truth, Score]]:
    """Fugong's own scores."""
    out: dict[str, tuple[Truth, Score]] = {}
    with Reader() as reader:
        context = IntakeContext.load(SETTINGS, reader)
        for truth in truths():
            with tempfile.TemporaryDirectory() as work:
                out[truth.path] = (truth, compare(truth.answer, answer(context, truth, Path(work))))
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description="Score a reader over the corpus.")
    parser.add_argument("--faults", action="store_true", help="say what went wrong in which file")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the reader; Fugong if none")
    given = parser.parse_args()
    scores = (
        {truth.path: (truth, compare(truth.answer, by_command(given.command, truth))) for truth in truths()}
        if given.command
        else by_fugong()
    )
    if given.faults:
        print(faults(scores))
    print(table(scores))


if __name__ == "__main__":
    main()
