"""收报入库 | Receive reports: inbox → receipts."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from fugong_airflow import INBOX
from fugong_dags import AGAIN, BY_CLOCK_OR_HAND, DEPARTMENTS_AT_ONCE, NEWS, ring_inbox, ring_settled, task_defaults

DOC = """
### 收报入库

部门把文件放进 `inbox/<部门代码>/`,几秒钟后在 `outbox/<部门代码>/` 收到回执。

1. **收件** 把放稳的文件登记、存档,列出有待办报送的部门。
2. **办理** 每个部门一个任务:读取、识别、校验、入库、回执。某个部门的大文件不耽误别的部门。
   一个部门每次只占几秒(`include/quotas.yaml`),没办完的再响一次铃,排到别的部门后面;超出限额的文件留在收件夹。
   系统拒绝的文件夹(没有权限、磁盘满)各是一个变红的任务,别的部门照常办理。
3. 有新数据入库即触发 `build_marts`;每张报表各是一个资产,事件里写明统计日、行数、报送编号和契约版本。

门铃只说明“有活”,活在表里:门铃漏响,每 5 分钟的定时也会办;重复响、重复跑,结果不变。
文件被退回是办理结果,不是任务失败;任务变红才需要运维处理,见 `docs/zh/runbooks/`。

### Receive reports

A file dropped into `inbox/<DEPT>/` gets its receipt in `outbox/<DEPT>/` within seconds. *Collect* archives and records finished files
and lists the departments with work that no other run works on or has a task for. *Process* runs once per department: read, identify, parse, validate,
load, write the receipt. It ends after some seconds (`include/quotas.yaml`) and rings again for what is left, so that no department
holds up another; what is over its quota stays in the inbox.
What the system refuses (rights, a full disk) is a red task for each folder; the other departments are served.
The inbox trigger or the clock (every 5 minutes) starts the DAG; the table `intake.submission` holds the work. It is safe to run it at
any time, twice, or in parallel. A rejected file is an outcome; a red task is ours to mend.
"""


@dag(
    dag_display_name="收报入库",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
        assets=[INBOX],
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=8,
    tags=["收报", "intake"],
    allowed_run_types=BY_CLOCK_OR_HAND,
    dagrun_timeout=timedelta(hours=3),
    default_args=task_defaults(timedelta(hours=1)),
)
def receive_reports() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="收件")
    def collect() -> list[dict[str, str | bool]]:
        from fugong.intake.collect import collect
        from fugong.intake.quotas import Limit
        from fugong.intake.work import give_out
        from fugong.intake.work_labels import work_labels
        from fugong_settings import load_settings

        settings = load_settings()
        collected = collect(settings)
        left = collected.left
        labels = work_labels(settings, give_out(settings), left)
        has_more = {name for name, one in left.items() if one.limit is not Limit.FILES_A_DAY}
        work = [
            {"department": name, "label": label, "has_more": name in has_more, "refused": ""} for name, label in labels.items()
        ]
        # What the system refused is a task of its own, which turns red: the departments are served all the same.
        return work + [{"department": "", "label": f"✗ {it}", "has_more": False, "refused": it} for it in collected.errors]

    # The pool leaves workers free for collecting and for marts, whatever the departments send.
    @task(
        task_display_name="办理",
        map_index_template="{{ task.op_kwargs['label'] }}",
        pool=DEPARTMENTS_AT_ONCE,
        outlets=[NEWS, AGAIN],
    )
    def process_department(
        department: str,
        label: str,  # noqa: ARG001 (it is for the page)
        has_more: bool,
        refused: str,
    ) -> dict[str, int]:
        from collections import Counter

        from airflow.sdk import get_current_context

        from fugong.intake.pipeline import process_department
        from fugong.intake.quotas import load_quotas
        from fugong.intake.work import begin, departments_with_work
        from fugong_settings import load_settings

        if refused:
            raise OSError(f"系统拒绝收件,其余文件夹已照常办理 | The system refused a folder; the others are served: {refused}")
        settings = load_settings()
        begin(settings, department)
        seconds = load_quotas(settings.include).of(department).seconds_a_task
        outcomes = process_department(settings, department, seconds=seconds)
        events = get_current_context().get("outlet_events")
        ring_settled(events, settings, outcomes)
        if has_more or department in departments_with_work(settings):
            ring_inbox(events)
        return dict(Counter(str(outcome.state) for outcome in outcomes))

    process_department.expand_kwargs(collect())


receive_reports()
