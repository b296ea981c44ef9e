"""试投: a file in `inbox/<DEPT>/试投/` gets the receipt that it would get, and goes back to its sender; nothing is stored.

Receipt and file are then in `outbox/<DEPT>/试投/`. A run that is killed leaves the file where `collect` moved it, and the next run answers
it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from fugong.core.sanitize import file_stem
from fugong.core.settings import TRIAL, Settings
from fugong.intake.processor import SubmissionProcessor


def answer(processor: SubmissionProcessor, settings: Settings, department: str, file: Path) -> Path:
    """Evaluate a file that was collected for a dry run, write its receipt, and put the file beside the receipt.

    Returns:
        Where the file is now. If a file of that name is there already, this one gets a number.

    Raises:
        ConfigurationError: our contract or suite is at fault; the file stays where it is.
    """
    into = settings.outbox / file_stem(department) / TRIAL
    into.mkdir(parents=True, exist_ok=True)
    named = _free(into, file.name)
    if named != file.name:
        file = file.rename(file.with_name(named))
    processor.dry_run(file, department, into)
    place = Path(shutil.move(file, into / named))  # the outbox may be on another file system
    file.parent.rmdir()
    return place


def _free(folder: Path, name: str) -> str:
    """The name, or the first numbered one that no file in the folder has: the receipt of an earlier dry run stays as it is."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem else (name, "")
    names = (name, *(f"{stem}({n}){ending}" for n in range(2, 1_000)))
    return next(one for one in names if not (folder / one).exists())
