"""The answers to dry runs (试投), as they lie in a department's outbox: nothing of them is in the warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fugong.core.settings import TRIAL, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import State
from fugong.intake.uploads import Uploaded
from fugong.storage.outbox import AnswerFolder, open_outbox

ENDING = ".试投.回执.json"
MAX_ANSWERS = 200


@dataclass(frozen=True)
class Tried:
    """The answer to one dry run.

    Attributes:
        stem: of the names of its files, which are `<stem>.试投.回执.txt` and so on.
        workbook: the name of its workbook; None where there is nothing to point at.
    """

    stem: str
    file_name: str
    sha256: str
    state: State
    answered_at: datetime
    workbook: str | None


def answers(settings: Settings, department: str) -> list[Tried]:
    """The answers to the dry runs of a department, the newest first."""
    with open_outbox(settings, department) as outbox, outbox.child(TRIAL) as folder:
        return list(_answers(folder))


def find_answer(settings: Settings, department: str, uploaded: Uploaded) -> Tried | None:
    """The answer to an upload for a dry run; None while there is none."""
    return next(
        (
            one
            for one in answers(settings, department)
            if one.sha256 == uploaded.sha256 and one.answered_at >= uploaded.at.replace(microsecond=0)
        ),
        None,
    )


def read_text(settings: Settings, department: str, stem: str) -> str | None:
    """The text of an answer; None where there is none."""
    with open_outbox(settings, department) as outbox, outbox.child(TRIAL) as folder:
        content = folder.read(f"{stem}{ENDING.removesuffix('.json')}.txt")
    return None if content is None else content.decode("utf-8", "replace").replace("\r\n", "\n")


def _answers(folder: AnswerFolder) -> Iterator[Tried]:
    named = [(moment, name) for name, moment in folder.files() if name.endswith(ENDING)]
    for moment, name in sorted(named, reverse=True)[:MAX_ANSWERS]:
        content = folder.read(name)
        try:
            document = json.loads(content or b"")
            yield Tried(
                name.removesuffix(ENDING),
                str(document["file_name"]),
                str(document["sha256"]),
                State(document["state"]),
                datetime.fromtimestamp(moment, SHANGHAI),
                document["workbook"] and str(document["workbook"]),
            )
        except (ValueError, LookupError, TypeError):
            continue  # in some installations its reader may write there, too
