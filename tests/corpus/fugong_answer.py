"""How Fugong answers a file of the corpus: evaluated as on arrival, nothing stored."""

from __future__ import annotations

from pathlib import Path

from fugong.core.settings import PROJECT, Settings
from fugong.intake.evaluate import evaluate
from fugong.validation.context import IntakeContext
from tests.corpus.truth import Answer, Row, Truth, canonical
from tests.fixtures.evaluations import accepted

SETTINGS = Settings(PROJECT, PROJECT, None)


def answer(context: IntakeContext, truth: Truth, work: Path) -> Answer:
    """Evaluate a file under the name, department and moment that its truth gives."""
    found = evaluate(
        context,
        truth.file,
        file_name=truth.file_name,
        department=truth.department,
        received_at=truth.received_at,
        work=work,
    )
    rows: dict[str, dict[int, Row]] = {}
    for part, block in accepted(found):
        for line in block.to_pylist():
            number = line.pop("row_number")
            typed = {name: canonical(value) for name, value in line.items() if value not in (None, "")}
            rows.setdefault(part.table.name, {})[number] = typed
    set_aside = found.n_data if found.is_rejected else len(found.findings.rows)
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
            for item in found.findings.all_findings()
        ],
    )
