"""The pages beside Airflow's: what a browser is told about them, and what hostile names become on them and on the page of required actions."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from markdown import markdown as render

import fugong_pages
import fugong_sign_off
from fugong.core.settings import PROJECT

pytestmark = pytest.mark.attack

DAY = "2020-03-18"
HOSTILE = "<img src=x onerror=alert(1)>草稿\x1b[2J\u202e.html"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with a draft of a hostile name, for somebody who is logged in."""
    monkeypatch.setenv("FUGONG_HOME", str(tmp_path))
    monkeypatch.setenv("FUGONG_DISTRICT", str(PROJECT))
    (tmp_path / "briefings" / DAY).mkdir(parents=True)
    (tmp_path / "briefings" / DAY / HOSTILE).write_bytes(b"<script>alert(1)</script>")
    fugong_pages.application.cache_clear()
    app = fugong_pages.application()
    for dependency in app.router.dependencies:
        app.dependency_overrides[dependency.dependency] = lambda: None
    yield tmp_path
    fugong_pages.application.cache_clear()


def get(path: str, query: str = "") -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": quote(path).encode(), "query_string": query.encode(), "headers": [], "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        "root_path": "",
    }  # fmt: skip
    asyncio.run(fugong_pages.application()(scope, receive, send))
    start = next(one for one in sent if one["type"] == "http.response.start")
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(one.get("body", b"") for one in sent)


def test_lists_and_errors_allow_no_script_no_sniffing_and_no_foreign_frame(home: Path) -> None:
    for path, wanted in (("/", 200), (f"/{DAY}/nothing.html", 404), ("/published/x.html", 422)):
        status, headers, body = get(path)
        assert status == wanted
        assert headers["content-security-policy"] == fugong_pages.LIST_POLICY
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
        if status == 200:
            assert f"<style>{fugong_pages.STYLE}</style>".encode() in body


def test_a_file_acts_in_a_sandbox_and_is_what_its_link_names(home: Path) -> None:
    digest = hashlib.sha256(b"<script>alert(1)</script>").hexdigest()
    status, headers, body = get(f"/{DAY}/{HOSTILE}", f"sha256={digest}")
    assert (status, body, headers["content-type"]) == (200, b"<script>alert(1)</script>", "text/html; charset=utf-8")
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups; default-src 'none';")
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    (home / "briefings" / DAY / HOSTILE).write_bytes(b"another")
    assert get(f"/{DAY}/{HOSTILE}", f"sha256={digest}")[0] == 409


def test_a_hostile_name_is_text_in_a_list(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("fugong.warehouse.connection.connect_as_loader", lambda _: Nothing())
    monkeypatch.setattr("fugong.briefing.publishing.publications", lambda _: [])
    fugong_pages.application.cache_clear()
    app = fugong_pages.application()
    app.dependency_overrides[app.router.dependencies[0].dependency] = lambda: None
    status, _, body = get(f"/{DAY}")
    assert status == 200
    assert b"<img" not in body and b"\x1b" not in body and "\u202e".encode() not in body
    assert "&lt;img src=x onerror=alert(1)&gt;草稿[2J.html".encode() in body
    assert f"?sha256={hashlib.sha256(b'<script>alert(1)</script>').hexdigest()}".encode() in body


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


def test_a_login_for_trying_out_says_so(home: Path) -> None:
    status, _, content = get("/")
    assert (status, "演示登录,不可用于生产" in content.decode()) == (200, True)
