"""The interface for programs: tokens, rates, portions, faults as JSON; the same documents as the commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from fugong.access import tokens
from fugong.figures.as_printed import is_of_counts
from fugong.figures.definition import load_definitions
from fugong.figures.display import format_value
from fugong.figures.figure import figures
from fugong.warehouse.connection import connect
from fugong.web.examples import EXAMPLES
from fugong.web.rates import Rate
from fugong.web.routes import api
from tests.web.conftest import DAY, Served


@pytest.fixture(autouse=True)
def fresh_rate(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(api, "_rate", Rate())
    yield


def program(served: Served, account: str) -> TestClient:
    with served.site.database.own() as connection:
        token = tokens.issue(connection, account, "a test")
    client = served.client(None)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_without_a_token_there_is_a_sentence_in_json(served: Served) -> None:
    for headers in ({}, {"Authorization": "Bearer fugong_wrong"}):
        answer = served.client(None).get("/api/v1/marts", headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()) == {"error"}
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_ends(served: Served) -> None:
    client = program(served, "analyst")
    assert client.get("/api/v1").status_code == 200
    with served.site.database.own() as connection:
        newest = tokens.tokens_of(connection, "analyst")[0]
        tokens.end(connection, "analyst", newest.token_id)
    assert client.get("/api/v1").status_code == 401


def test_a_token_opens_no_page(served: Served) -> None:
    assert program(served, "analyst").get("/marts").status_code == 303


def test_too_many_requests_are_told_when_to_come_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_rate", Rate(2))
    client = program(served, "analyst")
    assert [client.get("/api/v1").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get("/api/v1")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "error" in answer.json()
    assert program(served, "viewer").get("/api/v1").status_code == 200  # others are counted apart


def test_an_analyst_reaches_no_firm(served: Served) -> None:
    client = program(served, "analyst")
    assert {one["mart"] for one in client.get("/api/v1/marts").json()}.isdisjoint({"enterprise_status", "loan_daily"})
    for path in ("marts/enterprise_status", "marts/enterprise_status/rows", "trace/S041", "questions/3", "receipts/1", "figures"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 403, path
        assert set(answer.json()) == {"error"}


def test_portions_join_to_the_whole(served: Served) -> None:
    client = program(served, "analyst")
    address = "/api/v1/marts/resumption_daily/rows?scope=industry&dimension=township&from=2020-03-17"
    whole = client.get(address).json()
    assert whole["next"] is None
    found = []
    following = f"{address}&limit=5"
    while following:
        answer = client.get(following)
        found += answer.json()["rows"]
        following = answer.json()["next"]
        assert answer.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
    assert found == whole["rows"]
    assert len(found) == 12


def test_figures_are_those_of_the_command(served: Served) -> None:
    with connect(served.settings) as connection:
        (figure,) = figures(connection, served.site.include, DAY, ids=["S041"])
    shown = program(served, "signer").get("/api/v1/figures/S041", params={"as_of": DAY.isoformat()}).json()
    client = program(served, "viewer")
    assert {name: value for name, value in shown.items() if name != "adjustments"} == json.loads(json.dumps(figure.to_json("zh")))
    assert client.get("/api/v1/figures/S999").status_code == 404
    assert "2020-03-18" in client.get("/api/v1/figures/S041?as_of=2031-01-01").json()["error"]
    early = client.get("/api/v1/figures/S041", params={"as_of": "2020-03-01", "known_at": "2020-03-02T12:00"}).json()
    assert date.fromisoformat(early["known_at"][:10]) <= date(2020, 3, 2)


def test_who_sees_no_firm_sees_every_figure_as_closely_as_it_is_printed(served: Served) -> None:
    definitions = load_definitions(served.site.include)
    exact, shown = (
        {one["id"]: one for one in program(served, account).get("/api/v1/figures", params={"as_of": "2020-03-16"}).json()}
        for account in ("signer", "viewer")
    )
    assert shown.keys() == exact.keys() == definitions.keys()
    n_coarser = 0
    for name, one in shown.items():
        definition = definitions[name]
        assert one["display"] == exact[name]["display"]
        if isinstance(one["value"], int | float):
            assert format_value(definition.display, Decimal(str(one["value"]))).removesuffix("余") == one["display"].removesuffix(
                "余"
            )
            n_coarser += one["value"] != exact[name]["value"]
        if one["denominator"] is not None:
            assert is_of_counts(definition), name
    assert n_coarser > 10
    assert shown["S003"]["denominator"] is None
    assert exact["S003"]["denominator"] is not None


def test_lines_behind_a_figure_come_in_portions_and_are_recorded(served: Served) -> None:
    client = program(served, "operator")
    answer = client.get("/api/v1/trace/S041", params={"as_of": DAY.isoformat(), "limit": 4, "offset": 1}).json()
    assert len(answer["lines"]) == 4
    assert answer["n_lines"] > 200
    again = client.get(answer["next"]).json()
    assert again["offset"] == 5
    with served.site.database.acting("fugong_auditor") as connection:
        last = connection.execute("SELECT account, page FROM access.firm_access ORDER BY access_id DESC LIMIT 1").fetchone()
    assert last is not None
    assert last[0] == "operator"
    assert "/api/v1/trace/S041" in last[1]


def test_a_receipt_is_the_document_of_the_outbox(served: Served) -> None:
    client = program(served, "operator")
    found = client.get("/api/v1/receipts/1").json()
    assert found["submission_id"] == 1
    assert found["rows_read"] == found["rows_accepted"] + found["rows_set_aside"] + found["rows_not_data"]
    assert client.get("/api/v1/receipts/999999").status_code == 404


def test_a_department_reads_its_own_receipts_and_nobody_elses(served: Served) -> None:
    with connect(served.settings) as connection:
        rows = connection.execute(
            "SELECT department_code, submission_id FROM intake.submission ORDER BY submission_id"
        ).fetchall()
    own = [number for code, number in rows if code == "TAX"]
    others = [number for code, number in rows if code != "TAX"]
    assert own and len(others) > 400
    client, operator = program(served, "tax"), program(served, "operator")
    for number in (own[0], own[len(own) // 2], own[-1]):
        found = client.get(f"/api/v1/receipts/{number}")
        assert found.status_code == 200
        assert found.json() == operator.get(f"/api/v1/receipts/{number}").json()
    missing = client.get("/api/v1/receipts/999999")
    for number in (others[0], others[len(others) // 2], others[-1]):
        refused = client.get(f"/api/v1/receipts/{number}")
        # The same words as of a number that nobody has: whether there is one is not to be learnt.
        assert (refused.status_code, refused.text.replace(str(number), "999999")) == (404, missing.text)
    assert client.get(f"/api/v1/receipts/{own[0]}", params={"department": "GAS"}).json()["department_code"] == "TAX"
    assert {
        client.get(f"/api/v1/{path}").status_code for path in ("figures", "marts", "trace/S041", "briefings", "questions")
    } == {403}
    assert client.get("/api/v1").json()["routes"].keys() == {"/api/v1", "/api/v1/receipts/{submission}"}


def test_looks_at_receipts_of_others_are_recorded(served: Served) -> None:
    program(served, "taskforce").get("/api/v1/receipts/7")
    with served.site.database.acting("fugong_auditor") as connection:
        last = connection.execute("SELECT account, page FROM access.firm_access ORDER BY access_id DESC LIMIT 1").fetchone()
    assert last == ("taskforce", "/api/v1/receipts/7")


def test_the_description_tells_every_route_with_an_example(served: Served) -> None:
    made = program(served, "analyst").get("/api/v1/openapi.json").json()
    routes = [route for route in api.v1.routes if isinstance(route, APIRoute) and route.include_in_schema]
    assert set(made["paths"]) == {route.path for route in routes}
    assert len(routes) == len(EXAMPLES) == len(api.SAID)
    for path in made["paths"].values():
        assert path["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert served.client(None).get("/api/v1/openapi.json").status_code == 401


def test_the_page_shows_what_the_account_may_read(served: Served) -> None:
    page = served.client("analyst").get("/api").text
    assert "/api/v1/marts/{mart}/rows" in page
    assert "/api/v1/trace" not in page
    assert "/api/v1/trace/{figure}" in served.client("taskforce").get("/api").text
