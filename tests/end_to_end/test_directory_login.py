"""People log in to Airflow's pages with the password of a directory, and may do what their accounts say: a real slapd, a real api-server.

The api-server is a second one beside that of the other tests, on the same databases.
"""

from __future__ import annotations

import html
import importlib.util
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Page, expect

from fugong.access.account import Account, Role
from fugong.access.manage import add_account, change_account
from fugong.core.settings import Settings
from fugong.web.routes import ROUTERS
from tests.end_to_end import directory
from tests.end_to_end.conftest import RunningAirflow, wait_until
from tests.web.test_rights import path_of, roles_of
from tools import airflow_local

PASSWORD = "正确 horse battery"  # the directory's; the same for everybody
PEOPLE = {
    "kan": {Role.VIEWER},
    "yun": {Role.OPERATOR},
    "qian": {Role.SIGNER},
    "hou": {Role.SIGNER},
    "guan": {Role.ADMIN},
    "ting": {Role.OPERATOR},
    "suo": {Role.OPERATOR},
    "bu": {Role.ANALYST},
}
WITHOUT_ACCOUNT = "wai"
REJECT = "退回 | Reject"
LOCK_AFTER = 3
KNOWN_SECONDS = 5
START_SECONDS = 60
DAY, REJECTED_THERE = "2020-03-15", "2020-03-12"


@dataclass
class Pages:
    """An api-server on which people log in with the directory.

    Attributes:
        run: a run of `publish_briefing` that waits for a signature.
    """

    port: int
    environment: dict[str, str] = field(repr=False)
    command: list[str]
    log: Path
    directory: directory.Directory
    airflow: RunningAirflow
    run: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **changed: str) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment | changed,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            return airflow_local.ask(f"{self.url}/api/v2/version") is not None

        wait_until(answers, START_SECONDS, "the api-server does not answer")

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def log_in(self, name: str, password: str = PASSWORD) -> tuple[httpx.Client, httpx.Response]:
        """As a person does: opens the page, fills in the form."""
        browser = self.browser()
        [token] = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/auth/login/").text)
        return browser, browser.post("/auth/login/", data={"username": name, "password": password, "csrf_token": token})

    def person(self, name: str) -> httpx.Client:
        browser, answer = self.log_in(name)
        assert answer.status_code == 302, answer.text
        return browser

    def answers(self, browser: httpx.Client, choice: str = REJECT) -> int:
        """The status of an answer to the draft that waits."""
        given = {"chosen_options": [choice], "params_input": {"意见": "口径有误"}}
        return browser.patch(f"/api/v2/{self.run}/taskInstances/sign/-1/hitlDetails", json=given).status_code

    def events(self, account: str) -> list[str]:
        rows = self.airflow.rows(f"SELECT event FROM access.login_event WHERE account = '{account}' ORDER BY event_id")
        return [event for (event,) in rows]


@pytest.fixture(scope="module")
def pages(airflow: RunningAirflow, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    missing = [
        name for name, there in (("slapd", directory.SERVER), ("python-ldap", importlib.util.find_spec("ldap"))) if not there
    ]
    if missing:
        reason = f"LOGIN IS NOT TESTED: {' and '.join(missing)} missing (Debian: slapd; pip: requirements-ldap.lock; .ci/run installs both)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    people = directory.make_directory(tmp_path_factory.mktemp("directory"), dict.fromkeys((*PEOPLE, WITHOUT_ACCOUNT), PASSWORD))
    with psycopg.connect(airflow.warehouse_url) as connection:
        for name, roles in PEOPLE.items():
            if name != "hou":
                add_account(connection, Account(name, name, "科员", None, frozenset(roles), is_active=True))
    run = airflow.trigger("publish_briefing", as_of=DAY)
    port = airflow_local.free_port(0)
    part = airflow_local.plan(settings, airflow_local.Home(airflow.home / "airflow"), airflow.state[0], airflow.postgres)[
        airflow_local.API_SERVER
    ]
    environment = part.environment | {
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__FAB__AUTH_RATE_LIMIT": "1000 per 1 minute",
        "FUGONG_LDAP_URL": f"ldap://127.0.0.1:{people.port}",
        "FUGONG_LDAP_CA": str(people.ca),
        "FUGONG_LDAP_BASE": f"ou=people,{directory.SUFFIX}",
        "FUGONG_LDAP_READER": directory.READER,
        "FUGONG_LDAP_READER_PASSWORD": directory.READER_PASSWORD,
        "FUGONG_LOCK_AFTER": str(LOCK_AFTER),
    }
    log = tmp_path_factory.mktemp("api_server") / "log"
    made = Pages(port, environment, part.command, log, people, airflow, run)
    try:
        people.start()
        made.start()
        made.wait()
        yield made
    finally:
        made.stop()
        people.stop()
        with psycopg.connect(airflow.warehouse_url) as connection:
            for (name,) in connection.execute(
                "SELECT account FROM access.account WHERE account = ANY(%s)", ([*PEOPLE],)
            ).fetchall():
                change_account(connection, name, is_active=False)


def test_the_page_to_log_in_is_in_chinese_and_english_and_allows_no_script(pages: Pages) -> None:
    page = pages.browser().get("/auth/login/")
    assert page.status_code == 200
    for words in ("账号 | Account", "口令 | Password", "登录 | Log in"):
        assert words in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    # Of FAB's own pages none is there.
    assert {path: pages.browser().get(f"/auth/{path}").status_code for path in ("users/list/", "roles/list/", "resetmypassword/form")} == {
        "users/list/": 404, "roles/list/": 404, "resetmypassword/form": 404,
    }  # fmt: skip


def test_everybody_may_what_their_account_says(pages: Pages) -> None:
    tried: dict[str, tuple[str, str, Any]] = {
        "see": ("GET", "dags/keep_house", None),
        "read pages": ("GET", "../../fugong/account", None),
        "trigger": ("POST", "dags/chase_reports/dagRuns", {"logical_date": None, "conf": {}}),
        "pause": ("PATCH", "dags/chase_reports", {"is_paused": False}),
        "delete": ("DELETE", "dags/chase_reports/dagRuns/nothing", None),
        "list people": ("GET", "../../auth/fab/v1/users", None),
        "make a role": ("POST", "../../auth/fab/v1/roles", {"name": "x", "permissions": []}),
    }
    found: dict[str, dict[str, int]] = {}
    for name in ("kan", "qian", "yun", "guan"):
        browser = pages.person(name)
        found[name] = {
            what: browser.request(method, f"/api/v2/{path}", json=body).status_code
            for what, (method, path, body) in tried.items()
        }
    looks = {"see": 200, "read pages": 200, "trigger": 403, "pause": 403, "delete": 403, "list people": 403, "make a role": 403}
    runs = looks | {"trigger": 200, "pause": 200, "delete": 404}
    assert found == {"kan": looks, "qian": looks, "yun": runs, "guan": runs}
    assert "演示登录" not in browser.get("/fugong/account").text
    anonymous = pages.browser()
    assert anonymous.get("/api/v2/dags").status_code == 401
    answer = anonymous.get("/fugong/account", follow_redirects=True)
    assert answer.url.path == "/auth/login/"
    assert answer.url.params["next"] == "/fugong/account"


@pytest.mark.attack
@pytest.mark.parametrize("name", ["kan", "yun", "qian", "guan"])
def test_our_pages_inside_airflow_show_everybody_what_their_account_may_see(pages: Pages, name: str) -> None:
    browser, seen = pages.person(name), {"refused": 0, "shown": 0}
    for route in (one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute)):
        wanted = roles_of(route)
        if wanted is None:
            continue
        for method in sorted(route.methods):
            status = browser.request(method, f"/fugong{path_of(route)}").status_code
            if method != "GET" or not PEOPLE[name] & set(wanted):
                assert status == 403, f"{method} {route.path}"
                seen["refused"] += 1
            else:
                assert status not in {401, 403} and status < 500, f"{method} {route.path}: {status}"
                seen["shown"] += 1
    assert seen["refused"] > 20 and seen["shown"] > 4, seen


def test_a_browser_shows_our_pages_within_airflows(pages: Pages, tab: Page) -> None:
    tab.goto(f"{pages.url}/auth/login/")
    tab.fill("[name=username]", "qian")
    tab.fill("[name=password]", PASSWORD)
    tab.click("button")
    tab.goto(f"{pages.url}/plugin/fugong-pages")
    ours = tab.frame_locator("iframe")
    expect(ours.get_by_role("navigation", name="主要页面")).to_contain_text("看板", timeout=60_000)
    ours.get_by_role("link", name="签发").click()
    expect(ours.locator("h1")).to_have_text("签发", timeout=60_000)
    ours.get_by_role("link", name="English").click()
    expect(ours.locator("h1")).to_have_text("Sign")


@pytest.mark.attack
def test_a_signer_rejects_on_our_page_inside_airflow_and_only_with_its_token(pages: Pages) -> None:
    run = pages.airflow.trigger("publish_briefing", as_of=REJECTED_THERE)
    pages.airflow.wait_for_question(run, "sign")
    browser, other = pages.person("qian"), pages.person("qian")
    page = browser.get(f"/fugong/sign/{REJECTED_THERE}")
    given = dict(re.findall(r'<input type="hidden" name="(csrf|run|digest)" value="([^"]*)"', page.text))
    given |= {"run": html.unescape(given["run"]), "decision": "rejected", "reason": "口径有误"}
    path = f"/fugong/sign/{REJECTED_THERE}"
    assert browser.post(path, data=given | {"csrf": ""}).status_code == 403
    assert other.post(path, data=given).status_code == 403  # another session of the same person
    answer = browser.post(path, data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fugong/sign?done=rejected")
    rows = pages.airflow.rows(
        f"SELECT step, account, reason FROM audit.signing WHERE as_of = '{REJECTED_THERE}' ORDER BY signing_id"
    )
    assert rows[-1] == ("rejected", "qian", "口径有误")
    pages.airflow.wait_for(run, publish="success")


def test_only_the_signers_who_are_asked_answer(pages: Pages) -> None:
    pages.airflow.wait_for_question(pages.run, "sign")
    with psycopg.connect(pages.airflow.warehouse_url) as connection:  # a signer, but not when this was drafted
        add_account(connection, Account("hou", "后", "科员", None, frozenset({Role.SIGNER}), is_active=True))
    assert {name: pages.answers(pages.person(name)) for name in ("kan", "yun", "hou", "guan")} == {
        "kan": 403, "yun": 403, "hou": 403, "guan": 403,
    }  # fmt: skip
    assert pages.answers(pages.person("qian")) == 200
    pages.airflow.wait_for(pages.run, publish="success")
    steps = pages.airflow.rows(f"SELECT step, account, reason FROM audit.signing WHERE as_of = '{DAY}' ORDER BY signing_id")
    assert steps[-1] == ("rejected", "qian", "口径有误")


@pytest.mark.attack
@pytest.mark.parametrize(
    ("name", "password", "status", "sentence", "event"),
    [
        (WITHOUT_ACCOUNT, PASSWORD, 403, "has no account here", "refused"),
        ("bu", PASSWORD, 403, "none of the roles", "refused"),
        ("KAN ", PASSWORD, 302, "", "login"),
        ("kan", "wrong", 401, "口令不对 | Wrong", "failed"),
        ("nobody.at.all", PASSWORD, 401, "口令不对 | Wrong", "failed"),
    ],
)
def test_who_is_let_in_and_what_the_others_read(
    pages: Pages, name: str, password: str, status: int, sentence: str, event: str
) -> None:
    browser, answer = pages.log_in(name, password)
    assert answer.status_code == status
    assert sentence in answer.text
    assert ("_token" in browser.cookies) == (status == 302)
    assert pages.events(name.strip().lower())[-1] == event


@pytest.mark.attack
@pytest.mark.parametrize(
    "name",
    ["*", "ka*", ")(uid=*", "kan)(uid=*", "*)(|(uid=*", "kan\x00", "\\6b\\61\\6e", "uid=kan,ou=people,dc=district", "kan'--", "k" * 100_000, "<script>", ""],
)  # fmt: skip
def test_a_name_that_means_something_else_lets_nobody_in(pages: Pages, name: str) -> None:
    browser, answer = pages.log_in(name)
    assert answer.status_code in (200, 401)
    assert "_token" not in browser.cookies
    assert "<script>" not in answer.text
    api = pages.browser().post("/auth/token", json={"username": name, "password": PASSWORD})
    assert api.status_code in (400, 401)


@pytest.mark.attack
@pytest.mark.parametrize("given", [{}, {"username": "guan"}, {"username": "guan", "password": ""}, {"username": ["guan"], "password": {"a": 1}}])  # fmt: skip
def test_without_a_password_nobody_is_let_in(pages: Pages, given: dict[str, Any]) -> None:
    assert pages.browser().post("/auth/token", json=given).status_code == 400
    browser, answer = pages.log_in("guan", "")
    assert answer.status_code == 200
    assert "_token" not in browser.cookies


@pytest.mark.attack
def test_a_form_from_elsewhere_is_refused(pages: Pages) -> None:
    browser = pages.browser()
    answer = browser.post("/auth/login/", data={"username": "kan", "password": PASSWORD})
    assert answer.status_code == 400
    assert "_token" not in browser.cookies
    _, answer = pages.log_in("kan")
    for following in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        browser = pages.browser()
        [token] = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/auth/login/").text)
        given = {"username": "kan", "password": PASSWORD, "csrf_token": token}
        answer = browser.post("/auth/login/", params={"next": following}, data=given)
        assert "evil" not in answer.headers["Location"]
        assert answer.headers["Location"].startswith(("/", pages.url))


@pytest.mark.attack
def test_a_disabled_account_is_out_within_seconds_and_a_role_goes_as_fast(pages: Pages) -> None:
    ting, yun = pages.person("ting"), pages.person("yun")
    dags = "/api/v2/dags"
    assert ting.get(dags).status_code == 200
    with psycopg.connect(pages.airflow.warehouse_url) as connection:
        change_account(connection, "ting", is_active=False)
        change_account(connection, "yun", roles={Role.VIEWER})
    wait_until(lambda: ting.get(dags).status_code in (401, 403), KNOWN_SECONDS + 5, "still let in")
    wait_until(
        lambda: yun.patch("/api/v2/dags/chase_reports", json={"is_paused": False}).status_code == 403, 5, "still an operator"
    )
    assert yun.get(dags).status_code == 200
    _, answer = pages.log_in("ting")
    assert answer.status_code == 403
    assert "已停用 | The account ting is disabled" in answer.text


@pytest.mark.attack
def test_after_logging_out_no_token_of_the_session_counts(pages: Pages) -> None:
    browser = pages.person("kan")
    copy = dict(browser.cookies)
    other = pages.person("kan")
    assert browser.get("/api/v2/auth/logout", follow_redirects=True).url.path == "/auth/login/"
    assert pages.events("kan")[-1] == "logout"
    assert browser.get("/api/v2/dags").status_code == 401
    assert httpx.get(f"{pages.url}/api/v2/dags", cookies=copy, trust_env=False).status_code in (401, 403)
    assert other.get("/api/v2/dags").status_code == 200  # another session of the same person goes on


@pytest.mark.attack
def test_without_the_directory_nobody_is_let_in_and_the_sentence_says_why(pages: Pages) -> None:
    inside = pages.person("kan")
    pages.directory.stop()
    try:
        browser, answer = pages.log_in("kan")
        assert answer.status_code == 503
        assert "目录服务没有应答" in answer.text
        assert "Traceback" not in answer.text
        assert "_token" not in browser.cookies
        api = pages.browser().post("/auth/token", json={"username": "kan", "password": PASSWORD})
        assert (api.status_code, "does not answer" in api.text) == (503, True)
        assert inside.get("/api/v2/dags").status_code == 200
    finally:
        pages.directory.start()
    assert pages.events("kan")[-1] == "unavailable"
    pages.person("kan")


@pytest.mark.attack
def test_a_directory_that_another_authority_vouches_for_is_told_no_password(pages: Pages) -> None:
    folder = pages.directory.folder
    ours = {name: (folder / name).read_bytes() for name in ("server.pem", "server.key")}
    theirs = directory.make_certificates()
    pages.directory.stop()
    try:
        for name in ours:
            (folder / name).write_bytes(theirs[name])
        pages.directory.start()
        browser, answer = pages.log_in("kan")
        assert (answer.status_code, "_token" in browser.cookies) == (503, False)
    finally:
        pages.directory.stop()
        for name, content in ours.items():
            (folder / name).write_bytes(content)
        pages.directory.start()
    pages.person("kan")


@pytest.mark.attack
def test_wrong_passwords_lock_an_account_also_over_a_restart_until_somebody_unlocks_it(pages: Pages) -> None:
    for _ in range(LOCK_AFTER - 1):
        assert pages.log_in("suo", "wrong")[1].status_code == 401
    api = pages.browser().post("/auth/token", json={"username": "suo", "password": "wrong"})
    assert "locked until" in api.text
    browser, answer = pages.log_in("suo")
    assert (answer.status_code, "_token" in browser.cookies) == (429, False)
    assert "锁定到" in answer.text
    pages.person("kan")  # nobody else is

    pages.stop()
    # The next one lets a session go after two seconds without a request, and after five in any case.
    pages.start(FUGONG_IDLE_SECONDS="2", FUGONG_SESSION_SECONDS="5", AIRFLOW__API_AUTH__JWT_LEEWAY="0")
    pages.wait()
    assert pages.log_in("suo")[1].status_code == 429
    assert pages.events("suo") == ["failed"] * LOCK_AFTER + ["locked"] * 2
    pages.airflow.run_fugong("account", "unlock", "suo")
    pages.person("suo")
    assert pages.events("suo")[-2:] == ["unlocked", "login"]


@pytest.mark.attack
def test_a_session_ends_without_requests_and_after_its_time_in_any_case(pages: Pages) -> None:
    began = time.monotonic()
    busy, idle = pages.person("kan"), pages.person("kan")
    assert busy.get("/api/v2/dags").status_code == idle.get("/api/v2/dags").status_code == 200
    token = busy.cookies["_token"]
    while time.monotonic() - began < 3.5:
        assert busy.get("/api/v2/version").status_code == 200
        time.sleep(0.3)
    assert busy.cookies["_token"] != token  # renewed, and longer than the idle time
    assert busy.get("/api/v2/dags").status_code == 200
    assert idle.get("/api/v2/dags").status_code == 401
    while time.monotonic() - began < 6.5:
        busy.get("/api/v2/version")
        time.sleep(0.3)
    assert busy.get("/api/v2/dags").status_code == 401


def test_no_password_is_in_the_log(pages: Pages) -> None:
    log = pages.log.read_text(errors="replace")
    assert "auth/login" in log
    assert [secret for secret in (PASSWORD, directory.READER_PASSWORD) if secret in log] == []
