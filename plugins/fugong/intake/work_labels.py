"""Labels of the departments that have work, for lists that people read."""

from __future__ import annotations

from collections.abc import Collection

from fugong.core.sanitize import one_line
from fugong.core.settings import Settings
from fugong.intake.collect import waiting_dry_runs
from fugong.warehouse.connection import connect


def work_labels(settings: Settings, departments: Collection[str]) -> dict[str, str]:
    """`{"TAX": "税务局 · 3 files"}`: for each department its name, and how many files wait to be loaded or answered, dry runs included."""
    with connect(settings) as connection:
        rows = connection.execute(
            """
            SELECT asked.department_code, COALESCE(department.name_zh, asked.department_code), COUNT(submission.submission_id)
            FROM unnest(%s::text[]) AS asked (department_code)
            LEFT JOIN ref.department ON asked.department_code = department.department_code
            LEFT JOIN intake.submission
                ON
                    asked.department_code = submission.department_code
                    AND (submission.state = 'received' OR submission.replied_at IS NULL)
            GROUP BY asked.department_code, department.name_zh
            """,
            (list(departments),),
        ).fetchall()
    counted = [(code, name, n_files + len(waiting_dry_runs(settings, code))) for code, name, n_files in rows]
    return {code: f"{one_line(name)} · {n_files} {'file' if n_files == 1 else 'files'}" for code, name, n_files in counted}
