"""规则改后重判 | Judge again: replays past submissions after a rule was mended: preview, confirmation by a person, application."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from fugong_dags import BY_HAND, NEWS, ring_settled, task_defaults
from fugong_sign_off import APPLY, FORM, LEAVE, SignOff, preview

DOC = """
### 规则改后重判

只由人触发:填改好的规则、从哪天收到的报送算起。**预览** 按现在的规则重判存档的文件,什么也不改;有变化时在“[待操作的任务实例](/required_actions)”页列出,由人 **确认**,
一天内不答即作罢;**执行** 逐份入库、重发回执,并触发汇总重算。可中断、可重跑。见 `docs/zh/runbooks/a_rule_was_wrong.md`。

### Judge again

Only a person starts this DAG, with the rule that was mended and the day since which submissions are replayed. The *preview* changes nothing:
it lists what would change on the page of [required actions](/required_actions). If somebody confirms it there within a day, *apply* loads the new submissions one
by one. The command `fugong replay` does the same.
"""


@dag(
    dag_display_name="规则改后重判",
    doc_md=DOC,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    params={
        "rule": Param("", type="string", minLength=1, title="规则 | rule", description="代码,如 not-a-number | Its code"),
        "since": Param(
            None, type="string", format="date", title="收到日起 | since", description="从哪天收到的算起 | Received since"
        ),
        "report": Param(None, type=["null", "string"], title="报表 | report", description="空:全部 | Empty: all"),
    },
    tags=["收报", "intake"],
    allowed_run_types=BY_HAND,
    dagrun_timeout=timedelta(days=3),
    default_args=task_defaults(timedelta(hours=30)),
)
def judge_again() -> None:
    """The picture; see `DOC`."""

    @task.short_circuit(task_display_name="预览")
    def look(params: dict[str, Any] | None = None) -> dict[str, Any]:
        from fugong.access.account import list_operators
        from fugong.core.given import bounded_day, known_keys
        from fugong.intake.replay import replay
        from fugong_settings import load_settings

        asked, settings = known_keys(params or {}, "rule", "since", "report"), load_settings()
        found = replay(settings, asked["rule"], bounded_day(asked["since"]), report=asked["report"])
        return preview(asked["rule"], found, list_operators(settings))

    @task(task_display_name="执行", outlets=[NEWS])
    def apply(answer: dict[str, str], params: dict[str, Any] | None = None) -> int:
        from airflow.sdk import get_current_context

        from fugong.intake.replay import replay
        from fugong_settings import load_settings

        asked = params or {}
        if answer["decision"] != "applied":
            return 0
        settings = load_settings()
        done = replay(settings, asked["rule"], date.fromisoformat(asked["since"]), report=asked["report"], is_applied=True)
        ring_settled(get_current_context().get("outlet_events"), settings)
        return sum(one.applied_as is not None for one in done)

    found: Any = look()
    confirmed = SignOff(
        task_id="confirm", task_display_name="确认", params=FORM, request=found, options=[APPLY, LEAVE], defaults=LEAVE
    )
    apply(confirmed.output)


judge_again()
