"""发布简报 | Publish the briefing: draft → a person's signature → published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, Param, dag, task

from fugong_airflow import BRIEFING_DUE, days_of_backfill
from fugong_dags import BACKFILLED_TOO, MORE_TO_DRAFT, day_of_backfill, ring_more_to_draft, task_defaults
from fugong_outbox import TellSigners
from fugong_sign_off import FORM, NO_MORE, PROVISIONAL, REJECT, SIGN, SignOff, later, request

DOC = """
### 发布简报

1. **起草** 前一日的报表到齐并完成汇总即起草;最迟次日 11:00 按已有数据起草。每天只起草一次,知悉时点从此不变。Airflow 停过的日子随后补上:每天各起草一份,各由人签发,最多补七天。
2. **签发** 在“[待操作的任务实例](/required_actions)”页由人签发或退回(退回请写理由),最迟 17:00。草稿的位置写在该页和日志里。等待期间不占用任何进程。
3. **发布** 签发即发布;到时无人签发,或签发时报送不足、主要指标变动较大又没有写理由,发布临时版,首页写明缺什么;退回不发布,只登记理由。
4. **补签** 临时版发布后三天内仍可签发:另发一份正式的,临时版留存。报送不足的草稿补签无效,报齐后另行起草。

手动运行:填 `as_of`,或 `from`、`to` 一段日子(一次签发,到时无人签发则都不发布);`known_at` 按某一时点所知,
`as_known_then` 按各日当时所知。回填(backfill)的每次运行起草它所代表的那一天。过程逐步记入 `audit.signing`,发布的文件原样存入 `audit.published`。见 `docs/zh/runbooks/the_briefing_was_not_signed.md`。

### Publish the briefing

The DAG drafts yesterday's briefing once everything due has arrived, at 11:00 at the latest; and each day that was missed while Airflow was
down, up to seven, in a run of its own. A person signs or rejects it on the page of
[required actions](/required_actions) until 17:00. Unsigned, or signed although too little has come or a headline jumped without a reason, it is published as
provisional, names what is missing, and may be signed for three more days. By hand it drafts one day, or all days of a range with one
signature, as known now, at a moment, or each as known then. No worker waits for the person.
"""


def day(title: str, about: str) -> Param:
    """A day that may be left empty."""
    return Param(None, type=["null", "string"], format="date", title=title, description=about)


def moment(title: str, about: str) -> Param:
    """A moment that may be left empty."""
    return Param(None, type=["null", "string"], format="date-time", title=title, description=about)


@dag(
    dag_display_name="发布简报",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(
        timetable=days_of_backfill("0 11 * * *"),  # 11:00 itself: the hourly run of build_marts rings
        assets=[BRIEFING_DUE],
    ),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1_000,  # no limit: a run that waits for a signature, or days later for 补签, keeps nobody busy and no other run back
    params={
        "as_of": day("截至日 | as_of", "一天 | One day"),
        "from": day("起始日 | from", "一段日子,含 | A range, inclusive"),
        "to": day("终止日 | to", "一段日子,含 | A range, inclusive"),
        "known_at": moment("知悉时点 | known_at", "空:现在 | Empty: now"),
        "as_known_then": Param(False, type="boolean", title="按各日当时所知 | Each day as known then"),
        "sign_by": moment("签发期限 | sign_by", "空:17:00,至少两小时 | Empty: 17:00, two hours at least"),
    },
    tags=["简报", "briefing"],
    allowed_run_types=BACKFILLED_TOO,
    dagrun_timeout=timedelta(days=6),
    default_args=task_defaults(timedelta(hours=1)),
)
def publish_briefing() -> None:
    """The picture; see `DOC`."""

    @task.short_circuit(task_display_name="起草", outlets=[MORE_TO_DRAFT])
    def draft(params: dict[str, Any] | None = None, run_id: str | None = None, dag_run: Any = None) -> dict[str, Any]:
        from airflow.sdk import get_current_context

        from fugong.access.account import list_signers
        from fugong.briefing import signing
        from fugong_settings import load_settings

        settings, given = load_settings(), dict(params or {})
        if (day := day_of_backfill(dag_run)) is not None:
            given |= {"as_of": day.isoformat()}
        asked = signing.Asked.read(given)
        drafts = signing.draft(settings, str(run_id), asked, drafter=dag_run.triggering_user_name or "")
        if drafts and not asked.days and signing.due_days(settings):
            ring_more_to_draft(get_current_context().get("outlet_events"))
        return request(drafts, asked.sign_by, list_signers(settings)) if drafts else {}

    @task.short_circuit(task_display_name="发布")
    def publish(request: dict[str, Any], answer: dict[str, str], run_id: str | None = None) -> dict[str, Any]:
        from fugong.briefing import signing
        from fugong_settings import load_settings

        person, reason = answer["person"], answer["reason"]
        done = signing.conclude(load_settings(), str(run_id), request["drafts"], answer["decision"], person=person, reason=reason)
        return later(request) if any(one.is_provisional for one in done) else {}

    @task(task_display_name="补签发布")
    def publish_signed(request: dict[str, Any], answer: dict[str, str], run_id: str | None = None) -> None:
        from fugong.briefing import signing
        from fugong_settings import load_settings

        person, reason = answer["person"], answer["reason"]
        signing.conclude(load_settings(), str(run_id), request["drafts"], answer["decision"], person=person, reason=reason)

    drafted: Any = draft()
    ask: dict[str, Any] = {"task_id": "sign", "task_display_name": "签发", "params": FORM, "notifiers": [TellSigners()]}
    signed = SignOff(**ask, request=drafted, options=[SIGN, REJECT, PROVISIONAL], defaults=PROVISIONAL)
    published: Any = publish(drafted, signed.output)
    ask |= {"task_id": "sign_later", "task_display_name": "补签"}
    signed_later = SignOff(**ask, request=published, options=[SIGN, REJECT, NO_MORE], defaults=NO_MORE)
    publish_signed(published, signed_later.output)


publish_briefing()
