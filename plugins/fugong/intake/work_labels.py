"""Labels of the departments that have work, for lists that people read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from fugong.core.sanitize import one_line
from fugong.core.settings import Settings
from fugong.intake.quotas import Left
from fugong.intake.waiting import waiting_dry_runs
from fugong.warehouse.connection import connect_as_loader


def work_labels(
    settings: Settings, departments: Collection[str], left: Mapping[str, Left] = MappingProxyType({})
) -> dict[str, str]:
    """`{"TAX": "税务局 · 3 files"}`: for each department its name, and how many files wait to be loaded or answered, dry runs included.

    Args:
        left: what stays in the inboxes; is added as `· 17 left in the inbox`.
    """
    with connect_as_loader(settings) as connection:
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
    return {
        code: f"{one_line(name)} · {n_files} {'file' if n_files == 1 else 'files'}"
        + (f" · {left[code].n_files:,} left in the inbox" if code in left else "")
        for code, name, n_files in counted
    }
