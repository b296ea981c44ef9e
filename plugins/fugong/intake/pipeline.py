"""From collected files to loaded submissions with receipts: what the command line and Airflow both call."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from fugong.core.settings import Settings
from fugong.intake.history import ingest_history
from fugong.intake.in_turns import lock_department
from fugong.intake.processor import SubmissionProcessor
from fugong.intake.types import Outcome
from fugong.intake.work import Step, departments_with_work, work_on
from fugong.storage.outbox import open_answer_folder

__all__ = ["check_file", "departments_with_work", "ingest_history", "lock_department", "process_department"]

OnOutcome = Callable[[Outcome], None]


def process_department(
    settings: Settings, department: str, *, on_outcome: OnOutcome | None = None, seconds: float | None = None
) -> list[Outcome]:
    """Process what waits of a department, dry runs first. One run at a time works on a department.

    A run that finds the department locked leaves: the run that holds the lock looks for new files after it has released it. A
    file on which our contract or suite breaks does not keep the others waiting.

    Args:
        seconds: begin no further file after so long; what is left stays for the next run. None: go on until nothing waits.

    Raises:
        ConfigurationError: after all others are done, for the files that stay open until we mend it.
    """
    out: list[Outcome] = []
    until = math.inf if seconds is None else time.monotonic() + seconds
    with closing(work_on(settings, department)) as work:
        for step in work:
            if isinstance(step, Outcome):
                out.append(step)
                if on_outcome is not None:
                    on_outcome(step)
            if step is not Step.READING and time.monotonic() >= until:
                break
    return out


def check_file(settings: Settings, file: Path, department: str, into: Path | None = None) -> Mapping[str, Any]:
    """The receipt that a file would get if it arrived now; nothing is stored (试投).

    Args:
        into: a folder for the files of the receipt, or None.

    Raises:
        ConfigurationError: a report of the department cannot be judged until we mend it.
    """
    folder = nullcontext() if into is None else open_answer_folder(into)
    with SubmissionProcessor.open(settings) as processor, folder as answers:
        processor.context.require_sound(department)
        return processor.dry_run(file, department, answers)
