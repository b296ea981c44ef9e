"""汇总重算 | Build marts: stale days → marts and checks across reports."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, task

from fugong_airflow import SETTLED
from fugong_dags import BACKFILLED_TOO, BUILT, day_of_backfill, is_turn_to_build, ring_built, task_defaults, was_just_built

log = logging.getLogger(__name__)

DOC = """
### 汇总重算

从 `intake.stale_day` 取出需要重算的日子,一次重算所有汇总表,并做报表之间的核对。有新数据入库即运行,每小时也运行一次;上次重算后一分钟内再有入库的,满一分钟时一并重算。
手动运行时可填起止日期,重算这段日子;两个都不填,只算需要重算的日子。回填(backfill)重算它所代表的每一天:按小时的时间表每天有 24 次运行,第一次重算,其余看到刚算过就结束。重复运行结果不变。
SQL 文件或指标写错了,只漏下它自己和用到它的,别的照算;“配置”任务变红,说明哪个文件、哪一行。
每个汇总表各是一个资产,事件里写明日子、行数、知悉时点和 SQL 版本;什么也没算,就没有事件。

### Build marts

Rebuilds the stale days of `intake.stale_day` in every mart, in one set-based run, then checks the reports against each other. The DAG
starts when reports have been loaded, and hourly; what is loaded within a minute after a build is built together when the minute is over.
Run it by hand with `from` and `to` to rebuild those days; a backfill rebuilds each of its days, in the first of the 24 runs that the clock has for it. A second run changes nothing.
A broken SQL file or figure leaves out itself and what is made of it; all others are built, and the task *configuration* turns red and names file and line.
Every mart is an asset, whose events tell days, rows and version; where nothing was built there is no event.
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
    max_active_runs=2,  # one may wait for a minute, while a person's goes ahead; builds come one after the other
    params={
        "from": Param(
            None, type=["null", "string"], format="date", title="起始日 | from", description="截至日,含 | as_of, inclusive"
        ),
        "to": Param(
            None, type=["null", "string"], format="date", title="终止日 | to", description="截至日,含 | as_of, inclusive"
        ),
    },
    tags=["汇总", "marts"],
    allowed_run_types=BACKFILLED_TOO,
    dagrun_timeout=timedelta(hours=6),
    default_args=task_defaults(timedelta(hours=5)),
)
def build_marts() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="重算", outlets=[BUILT])
    def build(params: dict[str, str] | None = None, dag_run: Any = None) -> list[str]:
        from airflow.sdk import get_current_context

        from fugong.core.given import bounded_days, known_keys
        from fugong.operations.build_marts import build_marts
        from fugong_settings import load_settings

        asked, settings = known_keys(params or {}, "from", "to"), load_settings()
        day = day_of_backfill(dag_run)
        if day is not None and was_just_built(settings, day):
            log.info("%s 一小时内已重算,不再重复 | was built within the hour, not again", day)
            return []  # by another run of the same backfill: the clock has 24 a day
        if not is_turn_to_build(settings, dag_run):
            log.info("另一次运行正等着重算,这次的也由它算 | another run waits to build, and builds this, too")
            return []
        days = bounded_days(asked["from"], asked["to"]) if day is None else [day]
        built = build_marts(settings, days=days or None)
        ring_built(get_current_context().get("outlet_events"), settings, built)
        return [str(fault) for fault in built.faulty.values()]

    @task(task_display_name="配置")
    def configuration(faults: list[str]) -> None:
        from fugong.operations.build_marts import refuse_faulty

        refuse_faulty(faults)  # all others are built: a red task and a message to the engineers

    faults: Any = build()
    configuration(faults)


build_marts()
