"""A text comes back with each number marked, and nothing of it is kept."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import docx
import pytest
from playwright.sync_api import Page
from starlette.testclient import TestClient

from fugong.audit.day_of_text import day_of_text
from fugong.audit.document_apart import read_document_apart
from fugong.core.errors import RefusedError
from tests.web.conftest import Served, csrf_in, log_in

TEXT = "截至3月18日,规上工业复工率达到100%,减免退税费1379.88万元。另有企业999家。"


def sent(client: TestClient, **fields: Any) -> Any:
    csrf = csrf_in(client.get("/texts").text)
    files = fields.pop("files", None)
    return client.post("/texts", data={"csrf": csrf, **fields}, files=files or {"file": ("", b"")})


@pytest.mark.parametrize("account", ["auditor", "analyst", "viewer"])
def test_each_number_is_marked_by_a_word_and_a_sign(served: Served, account: str) -> None:
    page = sent(served.client(account), text=TEXT).text
    assert "截至 2020-03-18" in page
    assert "文稿自己写的日期" in page
    assert page.count('class="mark equal"') >= 2
    assert "1379.88万元<sup>" in page
    assert 'class="mark not-found"' in page


def test_the_result_can_be_downloaded(served: Served) -> None:
    client = served.client("auditor")
    page = sent(client, text=TEXT).text
    given = {"csrf": csrf_in(page), "text": TEXT, "as_of": "2020-03-18", "name": "a.docx"}
    found = client.post("/texts/download", data={**given, "form": "json"})
    assert json.loads(found.content)["counts"]["equal"] >= 2
    page = client.post("/texts/download", data={**given, "form": "html"})
    assert "attachment" in page.headers["content-disposition"]
    assert "sandbox" in page.headers["content-security-policy"]
    assert "1379.88万元" in page.text


def test_a_document_is_read_in_a_process_of_its_own(served: Served, tmp_path) -> None:
    file = tmp_path / "文稿.docx"
    document = docx.Document()
    document.add_paragraph(TEXT)
    document.save(str(file))
    assert read_document_apart(file).text == TEXT
    page = sent(served.client("auditor"), files={"file": (file.name, file.read_bytes())}).text
    assert 'class="mark equal"' in page
    assert not list(served.settings.spool.glob("text-*"))
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(RefusedError, match=r"broken\.pdf"):
        read_document_apart(broken)


def test_what_cannot_be_checked_is_told(served: Served) -> None:
    client = served.client("auditor")
    for fields, status in (({"text": " "}, 409), ({"text": "1" * 100_001}, 409), ({"text": TEXT, "as_of": "2031-01-01"}, 409)):
        answer = sent(client, **fields)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
    large = client.post("/texts", content=b"x", headers={"Content-Length": str(1 << 30), "Content-Type": "text/plain"})
    assert large.status_code == 413


def test_a_text_without_a_token_of_its_form_is_refused(served: Served) -> None:
    assert served.client("auditor").post("/texts", data={"text": TEXT}).status_code == 403


def test_the_day_of_a_text_is_the_one_that_it_names() -> None:
    days = {date(2020, 3, day) for day in range(1, 20)}
    assert day_of_text("截至3月10日,共3家。3月15日又有2家。", days) == date(2020, 3, 10)
    assert day_of_text("3月2日和3月15日各有2家。", days) == date(2020, 3, 15)
    assert day_of_text("2019年3月2日有2家,3月份3家。", days) is None


def test_a_number_says_why_by_keyboard_alone(served: Served, tab: Page) -> None:
    log_in(tab, served, "auditor")
    tab.get_by_label("文稿", exact=True).fill(TEXT)
    tab.get_by_role("button", name="核对").click()
    mark = tab.get_by_role("button", name="1379.88万元")
    mark.focus()
    tab.keyboard.press("Enter")
    why = tab.get_by_role("dialog", name="1379.88万元")
    assert "S041" in why.inner_text()
    tab.keyboard.press("Escape")
    assert not why.is_visible()
