"""The pages inside Airflow: the same application, for whoever is logged in there; and what hostile names become where people are asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from markdown import markdown as render
from starlette.testclient import TestClient

import fugong_pages
import fugong_sign_off
from fugong.access.account import Role
from fugong.core.settings import Settings
from tests.web.conftest import DEPARTMENTS, PEOPLE, district  # noqa: F401 (a fixture)
from tests.web.test_rights import FREE, path_of, roles_of

pytestmark = pytest.mark.attack

DAY = "2020-03-18"
HOSTILE = "草稿_<img src=x onerror=alert(1)>\x1b[2J\u202e.html"
LINK = re.compile(r'(?:href|src|action|data-(?:from|judge))="([^"]*)"')
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def airflow(district: Settings) -> Iterator[FastAPI]:  # noqa: F811
    """An application in which ours is mounted as Airflow does it; who is logged in to it is in a header."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    async def user(request: Any) -> SimpleAuthManagerUser | None:
        name = request.headers.get("x-user")
        return SimpleAuthManagerUser(username=name, role="viewer") if name else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fugong_pages, "_user", user)
        # By its name: Airflow puts another module in its place when it loads plugins.
        patch.setattr("fugong_settings.load_settings", lambda: district)
        patch.setattr(fugong_pages, "_opened", [])
        outer = FastAPI()
        outer.mount(fugong_pages.PAGES, fugong_pages.pages)
        yield outer


def client(airflow: FastAPI, user: str = "") -> TestClient:
    return TestClient(airflow, follow_redirects=False, headers={"x-user": user} if user else {})


def routes(airflow: FastAPI) -> list[APIRoute]:
    assert client(airflow).get("/fugong/login").status_code == 303  # the first request opens it
    return [route for route in fugong_pages.application().routes if isinstance(route, APIRoute)]


def test_every_route_that_asks_nobody_shows_nothing(airflow: FastAPI) -> None:
    free = [route for route in routes(airflow) if roles_of(route) is None]
    old = {"/briefings/", "/briefings/{day}", "/briefings/published/{number}.{form}", "/briefings/{day}/{name}"}
    assert {route.path for route in free} == FREE | old
    for route in free:
        if "GET" in route.methods:
            assert client(airflow).get(fugong_pages.PAGES + path_of(route)).status_code in {303, 308}, route.path


@pytest.mark.parametrize("account", [*PEOPLE, "tax"])
def test_no_role_gets_more_than_on_pages_of_their_own(airflow: FastAPI, account: str) -> None:
    own = PEOPLE[account][0] if account in PEOPLE else {Role.DEPARTMENT}
    browser, refused = client(airflow, account), 0
    for route in routes(airflow):
        wanted = roles_of(route)
        for method in sorted(route.methods) if wanted is not None else ():
            may_not = not own & set(wanted or ())
            if may_not or method != "GET":  # what changes something needs the token of a page, too
                answer = browser.request(method, fugong_pages.PAGES + path_of(route))
                assert answer.status_code == 403, f"{method} {route.path} as {account}: {answer.status_code}"
                refused += 1
    assert refused > 15


def test_nobody_gets_anything_but_the_way_to_the_login(airflow: FastAPI) -> None:
    seen = 0
    for route in routes(airflow):
        if roles_of(route) is not None:
            answer = client(airflow).request(sorted(route.methods)[0], fugong_pages.PAGES + path_of(route))
            assert answer.status_code in {303, 401}, route.path
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/api/v2/auth/login"), route.path
            seen += 1
    assert seen > 50
    answer = client(airflow).get("/fugong/figures/S041?as_of=2020-03-18")
    assert answer.headers["location"] == "/api/v2/auth/login?next=" + quote("/fugong/figures/S041?as_of=2020-03-18", safe="")
    assert client(airflow).get("/fugong/api/v1", headers=JSON).status_code == 401


def test_whom_only_airflow_knows_is_told_so(airflow: FastAPI) -> None:
    answer = client(airflow, "stranger").get("/fugong/board")
    assert (answer.status_code, "没有这个账号" in answer.text) == (403, True)


@pytest.mark.parametrize("account", ["viewer", "signer", "analyst", "auditor", "tax"])
def test_every_link_leads_to_where_the_pages_are_mounted(airflow: FastAPI, account: str) -> None:
    browser = client(airflow, account)
    first = browser.get("/fugong/").headers["location"]
    waiting, seen = [first], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        assert "演示登录" in page.text
        links = {link.replace("&amp;", "&") for link in LINK.findall(page.text)}
        assert [link for link in links if link and not link.startswith(("/fugong/", "?", "#"))] == [], path
        waiting += re.findall(r'href="(/fugong/[a-z]+(?:/[a-z]+)?)"', page.text)
    assert len(seen) >= 3, seen


def test_addresses_that_programs_are_told_are_those_of_the_mount(airflow: FastAPI) -> None:
    browser = client(airflow, "analyst")
    base = "http://testserver/fugong/api/v1"
    assert browser.get("/fugong/api/v1").json()["openapi"] == f"{base}/openapi.json"
    portion = browser.get("/fugong/api/v1/marts/resumption_daily/rows?limit=1").json()
    assert portion["next"].startswith(f"{base}/marts/resumption_daily/rows?")
    assert browser.get(portion["next"]).json()["offset"] == 1


def test_what_needs_no_login_of_their_own_a_person_may_send_with_the_token_of_the_page(airflow: FastAPI) -> None:
    browser = client(airflow, "auditor")
    [token] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', browser.get("/fugong/texts").text))
    given = {"csrf": token, "text": "减免退税费1379.88万元", "as_of": DAY}
    assert browser.post("/fugong/texts", data=given).status_code == 200
    assert client(airflow, "viewer").post("/fugong/texts", data=given).status_code == 403  # another's


def test_nobody_signs_who_has_no_login_of_their_own(airflow: FastAPI) -> None:
    browser = client(airflow, "signer")
    [token] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', browser.get("/fugong/account").text))
    given = {"csrf": token, "figure": "S041", "as_of": DAY, "value": "1", "reason": "x"}
    answer = browser.post("/fugong/adjustments", data=given)
    assert (answer.status_code, "不是个人账号" in answer.text) == (409, True)
    assert 'action="/fugong/adjustments"' not in browser.get("/fugong/sign").text


def test_addresses_of_briefings_lead_to_their_pages(airflow: FastAPI) -> None:
    browser = client(airflow, "signer")
    assert {old: browser.get(f"/fugong/briefings/{old}").headers["location"] for old in ("", DAY, "published/3.html", f"{DAY}/草稿_x.docx?sha256=ab")} == {
        "": "/fugong/briefing",
        DAY: f"/fugong/briefing?as_of={DAY}",
        "published/3.html": "/fugong/published/3.html",
        f"{DAY}/草稿_x.docx?sha256=ab": f"/fugong/sign/{DAY}/{quote('草稿_x.docx')}?sha256=ab",
    }  # fmt: skip


def test_a_draft_acts_in_a_sandbox_and_is_what_its_link_names(airflow: FastAPI, district: Settings) -> None:  # noqa: F811
    folder = district.briefings / DAY
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HOSTILE).write_bytes(b"<script>alert(1)</script>")
    (folder / "other").write_bytes(b"not a draft")
    path = f"/fugong/sign/{DAY}/{quote(HOSTILE)}"
    browser = client(airflow, "signer")
    answer = browser.get(path, params={"sha256": hashlib.sha256(b"<script>alert(1)</script>").hexdigest()})
    assert (answer.status_code, answer.content) == (200, b"<script>alert(1)</script>")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups; default-src 'none';")
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser.get(path, params={"sha256": "0" * 64}).status_code == 409
    assert {name: browser.get(f"/fugong/sign/{DAY}/{name}").status_code for name in ("other", "%2e%2e", "草稿_y.html")} == {
        "other": 404, "%2e%2e": 404, "草稿_y.html": 404,
    }  # fmt: skip


def test_a_warehouse_that_is_away_is_told_and_the_next_request_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from fugong.core.errors import ConfigurationError

    def fails() -> Settings:
        raise ConfigurationError("secret detail")

    monkeypatch.setattr("fugong_settings.load_settings", fails)
    monkeypatch.setattr(fugong_pages, "_opened", [])
    outer = FastAPI()
    outer.mount(fugong_pages.PAGES, fugong_pages.pages)
    for _ in range(2):
        answer = TestClient(outer).get("/fugong/board")
        assert (answer.status_code, "告知管理员" in answer.text, "secret" in answer.text) == (503, True, False)


NAMES = (
    "[点](https://evil.example)",
    "![](http://evil.example/x.png)",
    "a`b``c",
    "<b>x</b>",
    "{{ 7 * 7 }}",
    "x\n# 标题",
    "a@evil.example www.evil.example",
)


def read(body: str) -> str:
    return render(body, extensions=["tables", "fenced_code", "pymdownx.magiclink"])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_confirms_shows_file_names_as_they_are(name: str) -> None:
    found = SimpleNamespace(fate="changed", submission_id=1, department=name, file_name=name, accepted=(1, 2), set_aside=(1, 0))
    asked = fugong_sign_off.preview(f"not-a-number\n{name}", [found])
    page = read(asked["body"])
    assert not [tag for tag in ("<a ", "<img", "<b>", "<h1") if tag in page]
    assert page.count("<li>") == 1
    assert "\n" not in asked["subject"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_signs_names_its_digests_and_shows_sentences_as_they_are(name: str, tmp_path: Path) -> None:
    file = tmp_path / "草稿.docx"
    file.write_bytes(b"draft")
    draft = SimpleNamespace(as_of=date(2020, 3, 18), known_at=datetime(2020, 3, 19, tzinfo=UTC), missing=(name,), files=(file,))
    page = read(fugong_sign_off.request([draft], datetime.now(UTC))["body"])
    assert page.count("<a ") == 1  # our own, to the drafts of the day
    assert not [tag for tag in ("<img", "<b>", "<h1") if tag in page]
    assert hashlib.sha256(b"draft").hexdigest() in page
