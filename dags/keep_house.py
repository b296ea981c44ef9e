"""夜间例行 | Keep house: retention, integrity, folders, backups, Airflow's own records."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, chain, dag, task

from fugong_dags import BY_CLOCK_OR_HAND, task_defaults

DOC = """
### 夜间例行

每天 03:30,结果逐条记入 `audit.chore`。

1. **清理** 退回满 90 天的行清除原文;满 3 年的原件、封存满 7 天的含个人信息原件、中断运行的临时文件删除。
2. **核对** 存档逐字节比对;行数平衡;明细与部分一致;汇总表与程序同一版本,抽查的日子重算一致;已发布的文件没有改动;没有报送久未答复;数据库没有坏页。
3. **文件夹** 各部门收件夹里放了一天以上的文件、发件夹里三十天没有取走的文件、不能读写的文件夹。
4. **备份** 在 `FUGONG_BACKUPS` 里做一份(用 `FUGONG_BACKUP_KEY` 的公钥加密),给新的存档文件做副本,删除过期的,再核对;每周把当夜的备份恢复到临时服务器,与仓库逐项比对指标。没有设置就如实说明。
5. **清理 Airflow** 过期的运行记录(`FUGONG_AIRFLOW_DAYS`)、操作日志(`FUGONG_LOGIN_DAYS`,不少于 180 天)和任务日志。

核对不过,任务变红,日志里写明是什么。可随时重跑。见 `docs/zh/runbooks/the_nightly_check_failed.md`。

### Keep house

Every night: *tidy* deletes what has been kept long enough, *verify* looks whether all that was ever taken is there, as it was, and
adds up, *folders* counts what nobody took, *backups* makes a sealed backup, checks it and restores it for trial once a week,
*clean_airflow* removes old runs and logs of Airflow. Every result is a row of `audit.chore`; what somebody has to act on makes the task red, with
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
        from fugong.operations.retention import tidy
        from fugong.operations.task_result import raise_bad
        from fugong_settings import load_settings

        return raise_bad(tidy(load_settings()))

    @task(task_display_name="核对")
    def verify() -> dict[str, str]:
        from fugong.operations.integrity import verify
        from fugong.operations.task_result import raise_bad
        from fugong_settings import load_settings

        return raise_bad(verify(load_settings()))

    @task(task_display_name="文件夹")
    def folders() -> dict[str, str]:
        from fugong.operations.folders import look_at_folders
        from fugong.operations.task_result import raise_bad
        from fugong_settings import load_settings

        return raise_bad(look_at_folders(load_settings()))

    @task(task_display_name="备份")
    def backups() -> dict[str, str]:
        from fugong.operations.backups.nightly import back_up
        from fugong.operations.task_result import raise_bad
        from fugong_settings import load_settings

        return raise_bad(back_up(load_settings()))

    @task(task_display_name="清理 Airflow")
    def clean_airflow() -> dict[str, str]:
        from fugong_house import clean_database, clean_logs, log_folder
        from fugong_settings import load_settings

        settings = load_settings()
        n_logs = clean_logs(log_folder(), settings.airflow_days)
        return {"database": clean_database(settings.airflow_days, settings.login_days), "logs": str(n_logs)}

    chain(tidy(), verify())
    folders()
    backups()
    clean_airflow()


keep_house()
