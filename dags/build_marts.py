"""汇总重算 | Build marts: stale days → marts and checks across reports."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, task

from fugong_airflow import MARTS, SETTLED, OnlyWhenTheDatabaseIsAway
from fugong_outbox import tell_task_failed

DOC = """
### 汇总重算

从 `intake.stale_day` 取出需要重算的日子,一次重算所有汇总表,并做报表之间的核对。有新数据入库即运行,每小时也运行一次。
手动运行时可填起止日期,重算这段日子;两个都不填,只算需要重算的日子。重复运行结果不变。

### Build marts

Rebuilds the stale days of `intake.stale_day` in every mart, in one set-based run, then checks the reports against each other. The DAG
starts when reports have been loaded, and hourly. Run it by hand with `from` and `to` to rebuild those days; a second run changes nothing.
"""


@dag(
    dag_display_name="汇总重算",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 * * * *", timezone="Asia/Shanghai"),
        assets=[SETTLED],
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    params={
        "from": Param(
            None, type=["null", "string"], format="date", title="起始日 | from", description="截至日,含 | as_of, inclusive"
        ),
        "to": Param(
            None, type=["null", "string"], format="date", title="终止日 | to", description="截至日,含 | as_of, inclusive"
        ),
    },
    tags=["汇总", "marts"],
    default_args={
        "owner": "数据组",
        "retries": 3,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": OnlyWhenTheDatabaseIsAway(),
        "on_failure_callback": tell_task_failed,
    },
)
def build_marts() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="重算", outlets=[MARTS])
    def build(params: dict[str, str] | None = None) -> dict[str, int]:
        from fugong.core.given import bounded_days, known_keys
        from fugong.core.settings import Settings
        from fugong.operations.build_marts import build_marts

        asked = known_keys(params or {}, "from", "to")
        return dict(build_marts(Settings.load(), days=bounded_days(asked["from"], asked["to"]) or None).rows)

    build()


build_marts()
