"""A person's decision: what is asked, and a task that waits for the answer without a worker, until a moment on the clock.

A briefing may be signed on the pages, too. That is a row of `audit.signing`, under the name of the run: the trigger of the task looks for it, in the
triggerer, so that a decision is heard whenever Airflow runs again, and the pages need no login of Airflow's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.triggers.hitl import HITLTrigger
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowRuntimeError, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import update_hitl_detail_response
from airflow.triggers.base import TriggerEvent
from asgiref.sync import sync_to_async

from fugong_pages import PAGES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from airflow.sdk import Context

    from fugong.access.account import Account
    from fugong.briefing.signing import Decided, Draft
    from fugong.intake.replay import Replayed

log = logging.getLogger(__name__)
SIGN, REJECT, PROVISIONAL, NO_MORE = "签发 | Sign", "退回 | Reject", "先发临时版 | Provisional", "不再等 | Leave it"
APPLY, LEAVE = "执行 | Apply", "不执行 | Leave as it is"
DECISIONS = {
    SIGN: "signed", REJECT: "rejected", PROVISIONAL: "provisional", NO_MORE: "lapsed", APPLY: "applied", LEAVE: "left"
}  # fmt: skip
LOOK_SECONDS = 5
AGAIN = "上一次的回答没有送达,请再答一次"
AGAIN_LONG = f"如果刚才已经答过:{AGAIN}。 | If you have answered already: that answer did not arrive, please answer again."
OPINION = "意见"
FORM = {
    OPINION: Param(
        "",
        type=["null", "string"],
        title=OPINION,
        description="退回,或主要指标变动较大,请写理由 | The reason, of a rejection or of a jump",
    )
}
"""What a person may write besides; the `params` of the task."""
LATER_DAYS = 3
APPLY_DAYS = 1
SHOWN = 50


def request(drafts: Sequence[Draft], sign_by: datetime, signers: Sequence[Account] = ()) -> dict[str, Any]:
    """What a signer is asked, for the tasks after the draft; nothing where nothing was drafted."""
    if not drafts:
        return {}
    from fugong.core.sanitize import markdown, markdown_code
    from fugong.storage.archive import fingerprint

    first, last = drafts[0].as_of, drafts[-1].as_of
    lines: list[str] = []
    for draft in drafts:
        lines.append(f"- [{draft.as_of}]({PAGES}/sign/{draft.as_of}) 知悉时点 | known at {draft.known_at:%Y-%m-%d %H:%M:%S}")
        lines += [f"  - {markdown(sentence)}" for sentence in draft.missing]
        # What is signed is what has these digests, wherever somebody reads it.
        lines += [f"  - {markdown_code(str(file))} sha256 `{fingerprint(file)[0]}`" for file in draft.files]
    return {
        "subject": f"签发简报 {first}" if first == last else f"签发简报 {first} … {last}",
        "body": "\n".join(["退回请写理由。 | Of a rejection the reason.", "", _asked(signers), "", *lines]),
        "assigned": assigned(signers),
        "sign_by": sign_by.isoformat(),
        "drafts": [(draft.as_of.isoformat(), draft.known_at.isoformat()) for draft in drafts],
    }


def assigned(people: Sequence[Account]) -> list[dict[str, str]]:
    """Those who may answer, as Airflow lists them."""
    return [{"id": one.account, "name": one.printed} for one in people]


def _asked(signers: Sequence[Account]) -> str:
    from fugong.core.sanitize import markdown

    if not signers:
        return (
            "**签发人名单为空,签发不算:请用 fugong account add 登记。 | "
            "Nobody is listed as a signer, so no signature counts: fugong account add.**"
        )
    return f"签发人 | Signers: {'、'.join(markdown(one.printed) for one in signers)}"


def later(asked: dict[str, Any]) -> dict[str, Any]:
    """The same once more, after the provisional one went out."""
    until = datetime.now(UTC) + timedelta(days=LATER_DAYS)
    body = f"临时版已经发布;签发后另发正式版。 | The provisional one is out.\n\n{asked['body']}"
    return asked | {"subject": f"补签:{asked['subject']}", "body": body, "sign_by": until.isoformat()}


def preview(rule: str, found: Sequence[Replayed], people: Sequence[Account] = ()) -> dict[str, Any]:
    """What judging again would change, to be confirmed by one of these people; nothing where it changes nothing."""
    from fugong.core.sanitize import markdown, markdown_code, one_line

    changed = [one for one in found if one.fate == "changed"]
    lines = [
        f"- {one.submission_id} {markdown(one.department)} {markdown_code(one.file_name)}: 入库 | accepted {one.accepted[0]} → {one.accepted[1]}, "
        f"退回 | set aside {one.set_aside[0]} → {one.set_aside[1]}"
        for one in changed[:SHOWN]
    ]
    lines += [f"- … {len(changed) - SHOWN}"] if len(changed) > SHOWN else []
    lines += ["", *(f"{n} {fate}" for fate, n in Counter(one.fate for one in found).items())]
    subject = (
        f"重判 {one_line(rule)}:{len(found)} 份中 {len(changed)} 份有变化 | of {len(found)} submissions {len(changed)} change"
    )
    until = datetime.now(UTC) + timedelta(days=APPLY_DAYS)
    asked = {"subject": subject, "body": "\n".join(lines), "assigned": assigned(people), "sign_by": until.isoformat()}
    return asked if changed else {}


def question(asked: dict[str, Any], try_number: int) -> tuple[str, str]:
    """Subject and body of a question. One that is asked again begins with that an answer was lost.

    Every question says at its end how to read it when it comes again: after a lost answer Airflow shows the words of the first time once more.
    """
    subject, body = asked["subject"], asked["body"]
    return (subject, f"{body}\n\n{AGAIN_LONG}") if try_number == 1 else (f"{AGAIN}:{subject}", f"**{AGAIN_LONG}**\n\n{body}")


class SignOffTrigger(HITLTrigger):
    """Waits for an answer in Airflow, for a decision on the pages, or for the deadline."""

    def __init__(self, *, run: str, drafts: Sequence[Sequence[str]], **given: Any) -> None:
        """Wait for the drafts of a run."""
        super().__init__(**given)
        self.of_run, self.drafts = run, drafts

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The name and arguments from which the triggerer builds it."""
        _, given = super().serialize()
        return ("fugong_sign_off.SignOffTrigger", {"run": self.of_run, "drafts": self.drafts, **given})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event: what was decided first."""
        in_airflow = asyncio.ensure_future(anext(aiter(super().run())))
        on_the_pages = asyncio.ensure_future(self._decision())
        try:
            await asyncio.wait((in_airflow, on_the_pages), return_when=asyncio.FIRST_COMPLETED)
            yield in_airflow.result() if in_airflow.done() else await self._told(on_the_pages.result(), in_airflow)
        finally:
            in_airflow.cancel()
            on_the_pages.cancel()

    async def _decision(self) -> Decided:
        import psycopg

        from fugong.briefing import signing
        from fugong.core.errors import WarehouseError
        from fugong_settings import load_settings

        ends = [step for option, step in DECISIONS.items() if option in self.options]
        while True:
            try:
                found = await asyncio.to_thread(signing.decided, load_settings(), self.of_run, self.drafts, ends)
            except (psycopg.OperationalError, WarehouseError) as away:  # the deadline is Airflow's, and goes on
                log.warning("%s", away)
                found = None
            if found is not None:
                return found
            await asyncio.sleep(LOOK_SECONDS)

    async def _told(self, decided: Decided, in_airflow: asyncio.Future[TriggerEvent]) -> TriggerEvent:
        """The event of a decision on the pages; Airflow's page shows the question as answered, too."""
        chosen = [option for option in self.options if DECISIONS[option] == decided.step]
        written = {OPINION: decided.reason}
        try:
            await sync_to_async(update_hitl_detail_response)(ti_id=self.ti_id, chosen_options=chosen, params_input=written)
        except AirflowRuntimeError:  # somebody has just answered there
            return await in_airflow
        person = {"id": decided.person, "name": decided.person}
        return TriggerEvent(
            {"chosen_options": chosen, "params_input": written, "responded_at": datetime.now(UTC), "responded_by_user": person}
        )


class SignOff(HITLOperator):
    """Asks for a decision; at `sign_by` of the request the default is taken, and nobody is named as having answered."""

    template_fields = (*HITLOperator.template_fields, "request")

    def __init__(self, *, request: Any, **given: Any) -> None:
        given["execution_timeout"] = None  # the default of the DAG would count as the time to answer
        given["retry_delay"] = timedelta(seconds=1)  # a lost answer is asked for again while the person is there
        super().__init__(subject="?", **given)
        self.request = request

    def execute(self, context: Context) -> Any:
        """Ask, and let go of the worker."""
        ti: Any = context.get("ti")
        self.subject, self.body = question(self.request, ti.try_number)
        self.assigned_users = self.request["assigned"] or None
        # What people agree on is a time on the clock, not a span of it.
        self.response_timeout = max(datetime.fromisoformat(self.request["sign_by"]) - datetime.now(UTC), timedelta(seconds=1))
        try:
            return super().execute(context)
        except TaskAwaitingInput:
            if "drafts" not in self.request:
                raise  # nobody answers elsewhere
        self.defer(
            trigger=SignOffTrigger(
                run=str(ti.run_id),
                drafts=self.request["drafts"],
                ti_id=ti.id,
                options=self.options,
                defaults=self.defaults,
                params=self.serialized_params,
                multiple=self.multiple,
                timeout_datetime=datetime.now(UTC) + self.response_timeout,
                poke_interval=LOOK_SECONDS,
            ),
            method_name="execute_complete",
        )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, str]:
        """What was decided, by whom, and why."""
        answer = super().execute_complete(context, event)
        person = answer["responded_by_user"]
        return {
            "decision": DECISIONS[answer["chosen_options"][0]],
            "person": person["name"] if person else "",
            "reason": str(answer["params_input"].get(OPINION) or "").strip(),
        }
