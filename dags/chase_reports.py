"""催报 | Chase reports: reminds departments of reports that are due and have not arrived."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from fugong_dags import BY_CLOCK_OR_HAND, task_defaults

DOC = """
### 催报

工作日每半小时核对一次:到期未收到的报表,在 `outbox/<部门代码>/` 放一份当日的催报单,收到后自动撤下。
工作日按含调休的日历判断;日历里没有的日子按周一至周五。

### Chase reports

Every half hour on working days, departments that owe a report get a reminder in `outbox/<DEPT>/`; it is removed when the report
has arrived. Working days follow the calendar with its shifted days; days beyond the calendar count as working days from Monday to Friday.
"""


@dag(
    dag_display_name="催报",
    doc_md=DOC,
    schedule=CronTriggerTimetable("*/30 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    tags=["催报", "intake"],
    allowed_run_types=BY_CLOCK_OR_HAND,
    dagrun_timeout=timedelta(minutes=25),
    default_args=task_defaults(timedelta(minutes=20), retries=2, retry_delay=timedelta(minutes=1)),
)
def chase_reports() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="核对到期")
    def chase() -> dict[str, list[str]]:
        from fugong.operations.reminders import remind
        from fugong_settings import load_settings

        return remind(load_settings())

    chase()


chase_reports()
