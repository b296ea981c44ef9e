"""试投: a file in `inbox/<DEPT>/试投/` gets the receipt that it would get, and goes back to its sender; nothing is stored.

Receipt and file are then in `outbox/<DEPT>/试投/`. A run that is killed leaves the file where `collect` moved it, and the next run answers
it.
"""

from __future__ import annotations

from pathlib import Path

from fugong.core.settings import TRIAL, Settings
from fugong.intake.processor import SubmissionProcessor
from fugong.reading.model import Reading
from fugong.storage.outbox import open_outbox


def answer(processor: SubmissionProcessor, settings: Settings, department: str, file: Path, reading: Reading) -> Path:
    """Evaluate a file that was collected for a dry run and read, write its receipt, and put the file beside the receipt.

    Returns:
        Where the file is now. If a file of that name is there already, this one gets a number.

    Raises:
        ConfigurationError: our contract or suite is at fault; the file stays where it is.
    """
    with open_outbox(settings, department) as outbox, outbox.child(TRIAL) as into:
        named = into.free_name(file.name)  # the receipt of an earlier dry run stays as it is
        if named != file.name:
            file = file.rename(file.with_name(named))
        processor.dry_run(file, department, into, reading)
        place = into.put(named, file)
    file.unlink()
    file.parent.rmdir()
    return place
