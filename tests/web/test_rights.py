"""Every route with every role: what a role may not see it does not get, whatever address it guesses."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute

from fugong.access.account import Role
from fugong.web import rights
from tests.web.conftest import DEPARTMENTS, PEOPLE, Served

FREE = {"/", "/login", "/logout"}
VALUES = {
    "name": "S041", "submission": "1", "number": "1", "form": "html", "day": "2020-03-18", "mart": "loan_monthly",
    "figure": "S041", "file": "x", "token": "x", "row": "1", "question": "1", "report": "tax_relief", "submission_id": "1", "kind": "txt",
}  # fmt: skip


def roles_of(route: APIRoute) -> tuple[Role, ...] | None:
    """The roles that may call a route; None for one that asks nobody."""
    found: list[Any] = [one.call for one in route.dependant.dependencies if hasattr(one.call, "roles")]
    return found[0].roles if found else None


def routes_of(served: Served) -> list[APIRoute]:
    return [route for route in served.app.routes if isinstance(route, APIRoute)]


def path_of(route: APIRoute) -> str:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", VALUES[name]).replace(f"{{{name}:path}}", VALUES[name])
    return path


def test_every_route_says_who_may_call_it(served: Served) -> None:
    routes = routes_of(served)
    assert len(routes) > 15
    assert {route.path for route in routes if roles_of(route) is None} == FREE


@pytest.mark.parametrize("account", [*PEOPLE, *DEPARTMENTS])
def test_no_role_gets_what_it_may_not_see(served: Served, account: str) -> None:
    client = served.client(account) if account != "gas" else served.client("tax")
    own = PEOPLE[account][0] if account in PEOPLE else {Role.DEPARTMENT}
    refused = 0
    for route in routes_of(served):
        wanted = roles_of(route)
        if wanted is None or own & set(wanted):
            continue
        for method in sorted(route.methods):
            answer = client.request(method, path_of(route))
            assert answer.status_code == 403, f"{method} {route.path} as {account}: {answer.status_code}"
            refused += 1
    assert refused > 0 or account == "signer"


def test_nobody_gets_anything(served: Served) -> None:
    client = served.client(None)
    for route in routes_of(served):
        if roles_of(route) is not None:
            answer = client.request(sorted(route.methods)[0], path_of(route))
            assert answer.status_code in {303, 401}, route.path


def test_a_look_at_firms_is_recorded_before_it_is_shown(served: Served) -> None:
    client = served.client("taskforce")
    client.get("/sheet/999999?row=7")
    with served.site.database.acting("fugong_auditor") as connection:
        last = connection.execute("SELECT account, page FROM access.firm_access ORDER BY access_id DESC LIMIT 1").fetchone()
    assert last == ("taskforce", "/sheet/999999?row=7")


def test_firms_are_for_those_who_read_firms() -> None:
    assert set(rights.FIRMS).isdisjoint({Role.ANALYST, Role.VIEWER, Role.AUDITOR, Role.ADMIN, Role.DEPARTMENT})
