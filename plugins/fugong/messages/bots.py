"""Group bots that refuse a message with HTTP 200: 企业微信 (`wecombot://`) and 钉钉 (`dingtalk://`).

Both answer a wrong key, a missing keyword or too many messages with status 200 and an `errcode`. apprise 2.3 looks at the status only, so a
message that nobody has seen would be marked as sent (seen 2026-11-29). It reads the address; the request is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apprise import NotifyBase

    from fugong.messages.compose import Composed


def is_bot(channel: NotifyBase) -> bool:
    """Whether a channel is one of these."""
    return type(channel).__name__ in {"NotifyWeComBot", "NotifyDingTalk"}


def send(channel: NotifyBase, composed: Composed) -> str | None:
    """Send to a bot; None where it took the message, else the fault, without what the bot said."""
    import requests

    bot: Any = channel
    payload: dict[str, Any] = {"msgtype": "text", "text": {"content": f"{composed.title}\n{composed.body}"}}
    params = None
    if type(channel).__name__ == "NotifyWeComBot":
        url = bot.api_url
    else:
        url = bot.notify_url.format(token=bot.token)
        payload["at"] = {"atMobiles": bot.targets, "isAtAll": False}
        if bot.secret:
            stamp, signature = bot.get_signature()
            # requests would quote the signature a second time
            params = f"timestamp={stamp}&sign={signature}"
    try:
        answer = requests.post(
            url, json=payload, params=params, timeout=bot.request_timeout, verify=bot.verify_certificate, allow_redirects=False
        )
    except requests.RequestException:
        return "no-answer"
    if answer.status_code != requests.codes.ok:
        return f"http-{answer.status_code}"
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        return "no-json"
    code = said.get("errcode") if isinstance(said, dict) else None
    return None if code == 0 else f"refused-{code}" if isinstance(code, int) else "refused"
