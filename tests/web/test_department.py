"""A department's pages: sending, the receipt, mending in place, answering, and nothing of others."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fugong.access.account import Account, Role
from fugong.access.manage import add_account
from fugong.access.passwords import choose, give_initial
from fugong.access.uploads import What
from fugong.core.errors import RefusedError
from fugong.core.typesetting import set_chinese
from fugong.intake.uploads import UPLOADS, safe_name
from fugong.operations.submission_life import load_life
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, as_csv, as_xlsx, industry_row, tax_row
from tests.web.desks import JSON, PASSWORD, Clerk, Desks, opened


@pytest.fixture(scope="module")
def desks(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    with opened(empty_warehouse, "desks", tmp_path_factory.mktemp("desks"), context) as found:
        yield found


def spoiled(day: int) -> bytes:
    """A tax report of four rows: the second and the fourth have no number for an amount."""
    date, first = f"2020-03-{day}", day * 100
    rows = [tax_row(first, day=date), tax_row(first + 1, "约3500", day=date), tax_row(first + 2, day=date)]
    return as_csv(TAX_HEADER, [*rows, tax_row(first + 3, "不详", day=date)])


def submission(desks: Desks, clerk: Clerk, ticket: str) -> int:
    state = desks.state(clerk, ticket)
    assert state["is_answered"], state
    return int(str(state["submission"]))


def fields(page: str) -> dict[str, str]:
    """The fields of a page's form that hold cells, and its token."""
    found = dict(re.findall(r'name="(c\.[\d.]+)" value="([^"]*)"', page))
    [token] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', page))
    return found | {"csrf": token}


def test_an_upload_is_answered_as_a_file_in_the_inbox_is(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    ticket = desks.send(clerk, "C:\\报表\\R04 3.10.csv", as_csv(TAX_HEADER, [tax_row(1, day="2020-03-10")]))
    state = desks.state(clerk, ticket)
    assert (state["state"], state["accepted"], state["name"]) == ("accepted", 1, "R04 3.10.csv")
    page = clerk.client.get(str(state["address"]))
    assert page.status_code == 200
    assert "已收 1 行" in page.text
    assert "One sheet" not in page.text
    english = clerk.client.get(f"{state['address']}?lang=en")
    assert "1 rows" in english.text or "1 row" in english.text
    clerk.client.get("/department?lang=zh")
    files = {name: clerk.client.get(f"{state['address']}/{name}") for name in ("receipt.txt", "receipt.json", "original")}
    assert {name: answer.status_code for name, answer in files.items()} == dict.fromkeys(files, 200)
    assert files["original"].content == as_csv(TAX_HEADER, [tax_row(1, day="2020-03-10")])
    assert files["receipt.json"].json()["submission_id"] == state["submission"]
    assert "R04 3.10.csv" in clerk.client.get("/department").text
    assert not [*(desks.site.settings.inbox / ".work" / UPLOADS).iterdir()]


def test_a_dry_run_is_answered_and_nothing_is_stored(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    before = desks.inbox.rows("SELECT COUNT(*) FROM intake.submission")
    answer = clerk.client.post(
        "/department/uploads", params={"name": "R04 3.11.csv", "trial": 1}, content=spoiled(11), headers=JSON | clerk.csrf
    )
    assert desks.state(clerk, answer.json()["ticket"])["is_answered"] is False
    desks.try_out()
    state = desks.state(clerk, answer.json()["ticket"])
    assert (state["state"], state["is_answered"]) == ("partly_accepted", True)
    assert "约3500" in clerk.client.get(str(state["address"])).text
    assert desks.inbox.rows("SELECT COUNT(*) FROM intake.submission") == before
    assert desks.clerks["works"].client.get(str(state["address"])).status_code == 404


def test_a_form_without_script_sends_several_files(desks: Desks) -> None:
    clerk = desks.clerks["works"]
    rows = [industry_row(number) for number in range(1, 4)]
    content = as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报", "统计日期:2020年3月12日"])
    files = [("files", ("R01 3.12.xlsx", content)), ("files", ("空.csv", b"x"))]
    data = {"csrf": clerk.csrf["X-CSRF-Token"]}
    answer = clerk.client.post("/department/files", data=data, files=files, follow_redirects=False)
    assert answer.status_code == 303
    waiting = clerk.client.get(answer.headers["location"])
    assert 'http-equiv="refresh"' in waiting.text
    desks.inbox.ingest()
    done = clerk.client.get(answer.headers["location"])
    assert 'http-equiv="refresh"' not in done.text
    assert "已入库" in done.text
    assert "整份退回" in done.text


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/R04 3.18.csv", "R04 3.18.csv"),
        ("a\x00b\n.csv", "a␀b␊.csv"),
        ("\u202evsc.exe.csv", "vsc.exe.csv"),
        ("表" * 200 + ".xlsx", "表" * 73 + ".xlsx"),
    ],
)
def test_a_name_is_made_safe(given: str, name: str) -> None:
    assert safe_name(given) == name


@pytest.mark.parametrize("given", ["", "..", "~$R04.xlsx", ".hidden.csv", "R04.csv.part", "试投", "/"])
def test_a_name_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(RefusedError):
        safe_name(given)


def test_what_is_refused_leaves_nothing_behind(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = desks.clerks["tax"]
    headers = JSON | clerk.csrf
    monkeypatch.setenv("FUGONG_LIMIT_TEXT_BYTES", "1000")
    monkeypatch.setenv("FUGONG_LIMIT_WORKBOOK_BYTES", "1000")
    url, where = "/department/uploads", {"name": "R04 3.18.csv"}
    assert clerk.client.post(url, params=where, content=b"", headers=headers).status_code == 409
    assert clerk.client.post(url, params=where, content=b"x" * 2_000_000, headers=headers).status_code == 413
    assert clerk.client.post(url, params=where, content=b"x" * 1_001, headers=headers).status_code == 409
    assert clerk.client.post(url, params=where, content=b"x", headers=JSON).status_code == 403
    assert clerk.client.post(url, params=where, content=iter([b"x"]), headers=headers).status_code == 411
    assert not [one for one in (desks.site.settings.inbox / "TAX").iterdir() if one.is_file()]
    assert not [*(desks.site.settings.inbox / ".work" / UPLOADS).iterdir()]


def test_a_quota_is_kept(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    from fugong.intake import uploads
    from fugong.intake.quotas import Quota, Quotas

    clerk = desks.clerks["works"]
    monkeypatch.setattr(uploads, "load_quotas", lambda _: Quotas(Quota(files_waiting=1)))
    url, where = "/department/uploads", {"name": "R01 3.13.xlsx"}
    assert clerk.client.post(url, params=where, content=b"x", headers=JSON | clerk.csrf).status_code == 201
    refused = clerk.client.post(url, params=where, content=b"y", headers=JSON | clerk.csrf)
    assert (refused.status_code, "请等回执" in refused.json()["error"]) == (429, True)
    desks.inbox.ingest()


def test_a_cell_is_judged_as_it_is_typed_and_the_row_is_sent_as_a_repair(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    number = submission(desks, clerk, desks.send(clerk, "R04 3.18.csv", spoiled(18)))
    page = clerk.client.get(f"/department/receipts/{number}/rows").text
    form = fields(page)
    amount = TAX_HEADER.index("减免税额(元)")
    assert form[f"c.0.3.{amount}"] == "约3500"
    row = [form[f"c.0.3.{at}"] for at in range(len(TAX_HEADER))]

    def judged(text: str) -> dict[str, Any]:
        row[amount] = text
        asked = {"sheet": 0, "rows": [{"row": 3, "cells": row}]}
        answer = clerk.client.post(f"/department/receipts/{number}/judge", json=asked, headers=JSON | clerk.csrf)
        assert answer.status_code == 200, answer.text
        [found] = answer.json()["rows"]
        return found

    wrong = judged("三千五")
    assert (wrong["good"], wrong["cells"][str(amount)][0]["tone"]) == (False, "bad")
    assert judged("3500") == {"row": 3, "good": True, "cells": {}, "about": []}
    answer = clerk.client.post(
        f"/department/receipts/{number}/rows", data=form | {f"c.0.3.{amount}": "3500"}, follow_redirects=False
    )
    assert answer.status_code == 303
    desks.inbox.ingest()
    answered = clerk.client.get(answer.headers["location"], follow_redirects=True)
    assert f"这是第 {number} 号报送退回行的补报" in answered.text
    assert "还有 1 行" in answered.text
    rest = clerk.client.get(f"/department/receipts/{number}/rows").text
    assert rest.count("已补报") == 1
    second = clerk.client.post(
        f"/department/receipts/{number}/rows", data=fields(rest) | {f"c.0.5.{amount}": "12"}, follow_redirects=False
    )
    assert second.status_code == 303
    desks.inbox.ingest()
    [(state,)] = desks.inbox.rows(f"SELECT state FROM intake.submission WHERE submission_id = {number}")
    assert state == "accepted"


def test_the_second_of_two_is_told_and_loses_nothing(desks: Desks) -> None:
    one, two = desks.clerks["tax"], desks.clerks["tax2"]
    number = submission(desks, one, desks.send(one, "R04 3.17.csv", spoiled(17)))
    path, amount = f"/department/receipts/{number}/rows", TAX_HEADER.index("减免税额(元)")
    first, second = fields(one.client.get(path).text), fields(two.client.get(path).text)
    assert one.client.post(path, data=first | {f"c.0.3.{amount}": "3500"}, follow_redirects=False).status_code == 303
    desks.inbox.ingest()
    mine = {f"c.0.3.{amount}": "3600", f"c.0.5.{amount}": "12"}
    told = two.client.post(path, data=second | mine, follow_redirects=False)
    assert told.status_code == 409
    assert "第 3 行已由第" in told.text
    assert fields(told.text)[f"c.0.5.{amount}"] == "12"
    again = two.client.post(path, data=second | {f"c.0.5.{amount}": "12"}, follow_redirects=False)
    assert again.status_code == 303


def test_doubts_are_answered(desks: Desks) -> None:
    clerk = desks.clerks["works"]
    rows = [industry_row(number) for number in range(1, 13)]
    rows[2][9] = "150"
    content = as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报", "统计日期:2020年3月16日"])
    number = submission(desks, clerk, desks.send(clerk, "R01 3.16.xlsx", content))
    path = f"/department/receipts/{number}/answers"
    page = clerk.client.get(path).text
    [question] = set(re.findall(r'name="v\.(\d+)"', page))
    token = {"csrf": clerk.csrf["X-CSRF-Token"]}
    silent = clerk.client.post(path, data=token | {f"v.{question}": "confirmed"})
    assert (silent.status_code, "请写明理由" in silent.text) == (422, True)
    given = token | {f"v.{question}": "confirmed", f"r.{question}": "外包工人一并到岗"}
    assert clerk.client.post(path, data=given, follow_redirects=False).status_code == 303
    desks.inbox.ingest()
    assert desks.inbox.rows("SELECT verdict, reason FROM intake.answer") == [("confirmed", "外包工人一并到岗")]


def test_who_sent_what_is_on_record_and_on_the_page_of_the_submission(desks: Desks) -> None:
    one, two = desks.clerks["tax"], desks.clerks["tax2"]
    name, content = "R04 3.14.csv", spoiled(14)
    where, amount = {"name": name}, TAX_HEADER.index("减免税额(元)")
    put = [
        one.client.post("/department/uploads", params=where, content=content, headers=JSON | one.csrf).json()["ticket"]
        for one in (one, two)
    ]
    two.client.post("/department/uploads", params=where | {"trial": 1}, content=content, headers=JSON | two.csrf)
    desks.inbox.ingest()
    first, second = (submission(desks, one, ticket) for ticket in put)
    path = f"/department/receipts/{first}/rows"
    assert (
        two.client.post(
            path, data=fields(two.client.get(path).text) | {f"c.0.3.{amount}": "3500"}, follow_redirects=False
        ).status_code
        == 303
    )
    desks.inbox.drop("TAX", "R04 3.14 V2.csv", content)
    desks.inbox.ingest()
    [(repair,), (dropped,)] = desks.inbox.rows(
        f"SELECT submission_id FROM intake.submission WHERE submission_id > {second} ORDER BY repairs"
    )
    with connect(desks.inbox.settings) as connection:
        found = {number: load_life(connection, number).sender for number in (first, second, repair, dropped)}
        add_account(connection, Account("audit", "审计", "审计员", None, frozenset({Role.AUDITOR}), is_active=True))
        choose(connection, "audit", give_initial(connection, "audit"), PASSWORD)
    assert {number: sender and (sender.account, sender.what, sender.about) for number, sender in found.items()} == {
        first: ("tax", What.FILE, None),
        second: ("tax2", What.FILE, None),
        repair: ("tax2", What.ROWS, first),
        dropped: None,
    }
    auditor = TestClient(desks.app)
    auditor.post("/login", data={"account": "audit", "password": PASSWORD})
    shown = {number: auditor.get(f"/today/submissions/{number}").text for number in found}
    assert ["tax2</code>" in shown[number] for number in found] == [False, True, True, False]
    assert ("网页改行" in shown[repair], "收件夹" in shown[dropped]) == (True, True)
    of_bytes = f"SELECT COUNT(*) FROM access.upload WHERE sha256 = '{hashlib.sha256(content).hexdigest()}'"
    assert desks.inbox.rows(of_bytes) == [(2,)]  # of the dry run nothing is kept


def test_nobody_sees_the_files_of_another_department(desks: Desks) -> None:
    clerk, other = desks.clerks["tax"], desks.clerks["works"]
    ticket = desks.send(clerk, "R04 3.16.csv", spoiled(16))
    number = submission(desks, clerk, ticket)
    paths = ["", "/sheet", "/original", "/receipt.txt", "/receipt.json", "/receipt.xlsx", "/rows", "/answers"]
    own = {path: clerk.client.get(f"/department/receipts/{number}{path}").status_code for path in paths}
    assert own == dict.fromkeys(paths, 200) | {"/answers": 404}
    theirs = {path: other.client.get(f"/department/receipts/{number}{path}").status_code for path in paths}
    assert theirs == dict.fromkeys(paths, 404)
    asked = {"sheet": 0, "rows": [{"row": 3, "cells": ["x"] * len(TAX_HEADER)}]}
    posted = other.client.post(f"/department/receipts/{number}/judge", json=asked, headers=JSON | other.csrf)
    assert posted.status_code == 404
    sent = other.client.post(f"/department/receipts/{number}/rows", data={"csrf": other.csrf["X-CSRF-Token"], "c.0.3.9": "1"})
    assert sent.status_code == 404
    assert desks.state(other, ticket)["is_answered"] is False


def test_the_sheet_is_drawn_with_its_marks(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    rows = [tax_row(1500 + number, day="2020-03-15") for number in range(260)]
    rows[1][9], rows[250][9] = "约3500", "<b>不详</b>"
    number = submission(desks, clerk, desks.send(clerk, "R04 3.15.csv", as_csv(TAX_HEADER, rows)))
    page = clerk.client.get(f"/department/receipts/{number}/sheet").text
    assert re.search(r'id="c--J3" class="bad[^"]*"><a href="[^"]*">约3500', page)
    assert "&lt;b&gt;不详" in page
    assert "略去 51 行" in page
    assert page.count('<th scope="row">') == 200 + 1 + 1


def test_a_number_that_is_none_is_not_found(desks: Desks) -> None:
    client = desks.clerks["tax"].client
    for number in ("999999", "0", str(1 << 70)):
        response = client.get(f"/department/receipts/{number}")
        assert (response.status_code, f"没有第 {number} 号报送" in response.text) == (404, True)
    assert client.get("/department/uploads", params={"u": json.dumps(["x"])}).status_code == 404


def test_versions_stand_side_by_side(desks: Desks) -> None:
    clerk = desks.clerks["works"]
    titles = ["规上工业企业复工复产日报", "统计日期:2020年3月9日"]
    rows = [industry_row(number) for number in range(1, 5)]
    first = submission(desks, clerk, desks.send(clerk, "R01 3.9.xlsx", as_xlsx(INDUSTRY_HEADER, rows, titles)))
    rows[1][9] = "88"
    content = as_xlsx(INDUSTRY_HEADER, [*rows, industry_row(5)], titles)
    second = submission(desks, clerk, desks.send(clerk, "R01 3.9 V2.xlsx", content))
    listed = clerk.client.get("/department/history", params={"day": "2020-03-09"}).text
    assert (listed.count("各版对比"), "已被新版替换" in listed) == (2, True)
    where = {"report": "industry_resumption", "day": "2020-03-09"}
    page = clerk.client.get("/department/history/versions", params=where).text
    assert set_chinese("4 行变为 5 行:新增 1,去掉 0,改动 1。") in page
    assert re.search(r'<td class="bad">100</td><td class="good">88</td>', page)
    back = clerk.client.get("/department/history/versions", params=where | {"before": second, "after": first}).text
    assert set_chinese("新增 0,去掉 1,改动 1。") in back
    assert desks.clerks["tax"].client.get("/department/history/versions", params=where).status_code == 404


def test_a_department_gets_its_own_templates(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    assert "税费减免退日报" in clerk.client.get("/department/templates").text
    assert clerk.client.get("/department/templates/tax_relief.xlsx").content[:2] == b"PK"
    assert clerk.client.get("/department/templates/industry_resumption.xlsx").status_code == 404


def test_a_receipt_on_a_page_speaks_of_buttons_and_not_of_folders(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    number = submission(desks, clerk, desks.send(clerk, "R04 3.26.csv", spoiled(26)))
    page = clerk.client.get(f"/department/receipts/{number}").text
    assert ("请点下面的按钮改退回的行" in page, "收件夹" in page) == (True, False)
    assert "收件夹" in clerk.client.get(f"/department/receipts/{number}/receipt.txt").text
    rejected = submission(desks, clerk, desks.send(clerk, "R04 3.27.csv", as_csv(("甲", "乙"), [("1", "2")])))
    page = clerk.client.get(f"/department/receipts/{rejected}").text
    assert page.index("整份退回的原因") < page.index("下一步")


def test_rows_to_mend_say_what_is_wrong_in_the_language_of_the_page(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    number = submission(desks, clerk, desks.send(clerk, "R04 3.28.csv", spoiled(28)))
    chinese = clerk.client.get(f"/department/receipts/{number}/rows?lang=zh").text
    english = clerk.client.get(f"/department/receipts/{number}/rows?lang=en").text
    clerk.client.get("/department?lang=zh")
    assert ("应为数字" in chinese or "看不懂" in chinese, "例如" in english, "看不懂" in english) == (True, False, False)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "abc"])
def test_a_day_that_cannot_be_reckoned_with_is_refused(desks: Desks, day: str) -> None:
    assert desks.clerks["tax"].client.get("/department", params={"day": day}).status_code == 422


def test_the_other_language_of_an_answered_form_is_a_page(desks: Desks) -> None:
    clerk = desks.clerks["tax"]
    fields = {"old": PASSWORD, "new": "another-password", "again": "not-the-same-one"}
    answer = clerk.client.post("/account/password", data=fields, headers=clerk.csrf)
    assert (answer.status_code, "部门报送" in answer.text) == (409, True)
    [address] = re.findall(r'<a href="([^"]*)" lang="en"', answer.text)
    assert clerk.client.get(address).status_code == 200
    clerk.client.get("/department?lang=zh")
