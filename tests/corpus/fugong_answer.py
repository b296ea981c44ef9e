"""How Fugong answers a file of the corpus: judged as on arrival, nothing stored."""

from __future__ import annotations

from pathlib import Path

from fugong.core.settings import PROJECT, Settings
from fugong.intake.evaluate import accepted_blocks, judge
from fugong.validation.context import IntakeContext
from tests.corpus.truth import Answer, Row, Truth, canonical

SETTINGS = Settings(PROJECT, PROJECT, None)


def answer(judges: IntakeContext, truth: Truth, work: Path) -> Answer:
    """Judge a file under the name, department and moment that its truth gives."""
    found = judge(
        judges,
        truth.file,
        file_name=truth.file_name,
        department=truth.department,
        received_at=truth.received_at,
        work=work,
    )
    rows: dict[str, dict[int, Row]] = {}
    if not found.is_rejected:
        for part in found.parts:
            for block in accepted_blocks(found, part):
                for line in block.to_pylist():
                    number = line.pop("row_number")
                    typed = {name: canonical(value) for name, value in line.items() if value not in (None, "")}
                    rows.setdefault(part.table.name, {})[number] = typed
    set_aside = found.n_data if found.is_rejected else len(found.faults.rows)
    return Answer(
        outcome="rejected" if found.is_rejected else "partly_accepted" if set_aside else "accepted",
        report=found.contract.report if found.contract else None,
        report_date=found.report_date.isoformat() if found.report_date else None,
        counts={
            "read": found.rows_read,
            "accepted": sum(map(len, rows.values())),
            "set_aside": set_aside,
            "not_data": found.rows_read - found.n_data,
        },
        rows=rows,
        findings=[
            (str(item.severity), item.code, item.cell or str(item.row_number or ""), item.value)
            for item in found.faults.all_findings()
        ],
    )
