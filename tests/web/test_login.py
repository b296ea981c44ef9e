"""Logging in, sessions, forms, tokens."""

from __future__ import annotations

import time

import pytest

from fugong.access import tokens
from fugong.access.authentication import LoginRules
from fugong.web import door
from tests.web.conftest import PASSWORD, Served, csrf_in


def test_nobody_is_led_to_the_login_and_back(served: Served) -> None:
    client = served.client(None)
    answer = client.get("/board?as_of=2020-03-18")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fboard%3Fas_of%3D2020-03-18")
    answer = client.post("/login", data={"account": "viewer", "password": PASSWORD, "next": "/board?as_of=2020-03-18"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/board?as_of=2020-03-18")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil"]
)
def test_the_login_leads_nowhere_else(served: Served, elsewhere: str) -> None:
    answer = served.client(None).post("/login", data={"account": "viewer", "password": PASSWORD, "next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")


def test_a_wrong_password_is_refused_as_an_unknown_name_is(served: Served) -> None:
    answers = [
        served.client(None).post("/login", data={"account": name, "password": "wrong"}) for name in ("signer", "nobody-here")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("账号或口令不对" in answer.text for answer in answers)


def test_too_many_wrong_passwords_lock_the_account_also_for_the_right_one(served: Served) -> None:
    codes = [
        served.client(None).post("/login", data={"account": "gas", "password": f"wrong {number}"}).status_code
        for number in range(served.site.rules.lock_after)
    ]
    assert codes == [401] * served.site.rules.lock_after
    answer = served.client(None).post("/login", data={"account": "gas", "password": PASSWORD})
    assert answer.status_code == 429
    assert "锁定" in answer.text


def test_another_site_can_neither_log_in_nor_send_a_form(served: Served) -> None:
    answer = served.client(None).post(
        "/login", data={"account": "viewer", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    client = served.client("signer")
    for token in ("", "0" * 64):
        assert client.post("/account/tokens", data={"name": "x", "csrf": token}).status_code == 403
    other = csrf_in(served.client("viewer").get("/account").text)
    assert client.post("/account/tokens", data={"name": "x", "csrf": other}).status_code == 403


def test_a_session_ends_when_it_is_idle_and_when_somebody_logs_out_everywhere(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = served.client("viewer")
    assert client.get("/account").status_code == 200
    copy = dict(client.cookies)
    assert client.post("/logout", data={"csrf": csrf_in(client.get("/account").text)}).status_code == 303
    thief = served.client(None)
    thief.cookies.update(copy)
    assert thief.get("/account").status_code == 303
    client = served.client("viewer")
    later = time.time() + LoginRules().idle_seconds + 5
    monkeypatch.setattr(door.time, "time", lambda: later)
    assert client.get("/account").status_code == 303


def test_a_cookie_that_was_altered_is_nobodys(served: Served) -> None:
    client = served.client("viewer")
    value = client.cookies[door.COOKIE]
    client.cookies.set(door.COOKIE, value.replace(value[2], "A" if value[2] != "A" else "B", 1), domain="testserver.local")
    changed = served.client(None)
    changed.cookies.set(door.COOKIE, value[:-3] + ("AAA" if not value.endswith("AAA") else "BBB"))
    assert changed.get("/account").status_code == 303


def test_a_token_reads_the_interface_only_and_ends(served: Served) -> None:
    with served.site.database.own() as connection:
        token = tokens.issue(connection, "signer", "test")
    client = served.client(None)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/account", headers=headers).status_code == 303  # pages are for people
    assert client.get("/api/nothing", headers={"Authorization": "Bearer wrong"}).status_code in {401, 404}
    with served.site.database.own() as connection:
        [held] = [one for one in tokens.tokens_of(connection, "signer") if one.name == "test"]
        tokens.end(connection, "signer", held.token_id)
        assert tokens.account_of(connection, token) is None


def test_every_answer_has_its_headers(served: Served) -> None:
    client = served.client("viewer")
    for path in ("/account", "/nowhere", "/login"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
