"""发送通知 | Send messages: what waits in the outbox, on the channels of its audience."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from fugong_dags import BY_CLOCK_OR_HAND, task_defaults
from fugong_outbox import MESSAGES

DOC = """
### 发送通知

回执已出、报表到期、草稿待签、夜间核对未通过、任务失败、配置有误:办理时写入 `audit.message`,这里按 `keys/messages.yaml` 里的通道发出
(企业微信、钉钉、飞书、邮件、网页接口等)。通知里没有企业、姓名和数字。有通知即运行,每 5 分钟也看一次。
没有送达的隔一会再试,越隔越久,约半天后放弃并告诉数据工程师;免打扰时段和合并发送见 `include/messages.yaml` 与 `docs/zh/messages.md`。
没有配置通道就什么也不发。重复运行不会重复发;发出后、登记前被强行终止的,会再发一次。

### Send messages

Sends what waits in `audit.message` on the channels of `keys/messages.yaml`. The outbox wakes the DAG; it also looks every 5 minutes. A message that
was not delivered is tried again, ever more rarely, and given up after half a day, which the engineers are told. No firm, name or figure is
in a message. Safe to run at any time and twice: only a kill between sending and marking sends one again.
"""


@dag(
    dag_display_name="发送通知",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
        assets=[MESSAGES],
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=10),
    tags=["运维", "messages"],
    allowed_run_types=BY_CLOCK_OR_HAND,
    default_args=task_defaults(timedelta(minutes=5)),
)
def send_messages() -> None:
    """The picture; see `DOC`."""

    @task(task_display_name="发送")
    def send() -> dict[str, int]:
        from airflow.configuration import conf

        from fugong.messages.send import send_due
        from fugong_settings import load_settings

        return send_due(load_settings(), linger=2, pages=conf.get("api", "base_url", fallback=""))

    send()


send_messages()
