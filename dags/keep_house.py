"""夜间例行 | Keep house: retention, integrity, backups."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, chain, dag, task

from fugong_dags import BY_CLOCK_OR_HAND, task_defaults

DOC = """
### 夜间例行

每天 03:30,结果逐条记入 `audit.chore`。

1. **清理** 退回满 90 天的行清除原文;满 3 年的原件、封存满 7 天的含个人信息原件、中断运行的临时文件删除。
2. **核对** 存档逐字节比对;行数平衡;明细与部分一致;汇总表与程序同一版本,抽查的日子重算一致;已发布的文件没有改动;没有报送久未答复;数据库没有坏页。
3. **检查备份** `FUGONG_BACKUPS` 里最近的 `*.dump` 够新、能读完、含有报送;没有设置就如实说明。

核对不过,任务变红,日志里写明是什么。可随时重跑。见 `docs/zh/runbooks/the_nightly_check_failed.md`。

### Keep house

Every night: *tidy* deletes what has been kept long enough, *verify* looks whether all that was ever taken is there, as it was, and
adds up, *backups* reads the newest dump. Every result is a row of `audit.chore`; what somebody has to act on makes the task red, with
a sentence. Safe to run at any time and again.
"""


@dag(
    dag_display_name="夜间例行",
    doc_md=DOC,
    schedule=CronTriggerTimetable("30 3 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    tags=["运维", "house"],
    allowed_run_types=BY_CLOCK_OR_HAND,
    dagrun_timeout=timedelta(hours=20),
    default_args=task_defaults(timedelta(hours=18), retry_delay=timedelta(minutes=1)),
)
def keep_house() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="清理")
    def tidy() -> dict[str, str]:
        from fugong.core.settings import Settings
        from fugong.operations.retention import tidy
        from fugong.operations.task_result import raise_bad

        return raise_bad(tidy(Settings.load()))

    @task(task_display_name="核对")
    def verify() -> dict[str, str]:
        from fugong.core.settings import Settings
        from fugong.operations.integrity import verify
        from fugong.operations.task_result import raise_bad

        return raise_bad(verify(Settings.load()))

    @task(task_display_name="检查备份")
    def backups() -> dict[str, str]:
        from fugong.core.settings import Settings
        from fugong.operations.backups import check_backups
        from fugong.operations.task_result import raise_bad

        return raise_bad(check_backups(Settings.load()))

    chain(tidy(), verify())
    backups()


keep_house()
