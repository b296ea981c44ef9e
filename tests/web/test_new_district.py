"""The pages of a district that was just laid: none of them expects what only the sample district declares."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fugong.access.account import Account, Role
from fugong.access.manage import add_account
from fugong.access.passwords import choose, give_initial
from fugong.cli.new import SKELETON, lay_district
from fugong.core.settings import Settings
from fugong.intake.turns import Turns
from fugong.intake.types import Outcome
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from tests.web.conftest import PASSWORD, Served, serving

DAY = "2025-01-06"
PEOPLE = {Role.SIGNER: None, Role.DEPARTMENT: "EXAMPLE", Role.OPERATOR: None, Role.ANALYST: None}
BEGINNINGS = (
    "/",
    f"/board?as_of={DAY}",
    f"/figures/E001?as_of={DAY}",
    f"/figures/E001/lines?as_of={DAY}",
    "/department",
    "/today",
)
MOST_PAGES = 40


@pytest.fixture(scope="module")
def new_district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The skeleton, its example file loaded, with people."""
    root = tmp_path_factory.mktemp("new")
    lay_district(root / "project")
    settings = Settings(root / "home", root / "project", None)
    try:
        setup.init(settings)
        shutil.copytree(SKELETON / "include/samples", settings.inbox, dirs_exist_ok=True)
        assert [one.state for one in Turns(settings).run() if isinstance(one, Outcome)] == ["accepted"]
        build_marts(settings)
        with connect(settings) as connection:
            for role, department in PEOPLE.items():
                add_account(connection, Account(role.value, "某", "科员", department, frozenset({role}), is_active=True))
                choose(connection, role.value, give_initial(connection, role.value), PASSWORD)
        with serving(settings) as found:
            yield found
    finally:
        embedded.remove(settings.home)


@pytest.mark.parametrize("role", PEOPLE, ids=str)
def test_each_page_that_leads_on_from_the_first_ones_answers(new_district: Served, role: Role) -> None:
    client = new_district.client(role.value)
    seen = dict(followed(client))
    assert len(seen) > 8
    assert {name: status for name, status in seen.items() if status not in {200, 303, 307, 403, 404}} == {}
    assert f"/figures/E001?as_of={DAY}" in seen


def followed(client: TestClient) -> Iterator[tuple[str, int]]:
    """The pages that are linked from some, one of each kind, with the status that each answers."""
    todo, kinds = list(BEGINNINGS), set[str]()
    while todo and len(kinds) < MOST_PAGES:
        address = todo.pop(0)
        kind = re.sub(r"\d+", "0", address)
        if kind in kinds or "logout" in address or "/static/" in address:
            continue
        kinds.add(kind)
        answer = client.get(address)
        yield address, answer.status_code
        if "text/html" in answer.headers.get("content-type", ""):
            todo += [unescape(link) for link in re.findall(r'(?:href|src)="(/[^"#]+)"', answer.text)]


def test_lines_name_the_department_though_no_list_has_other_names_for_it(new_district: Served) -> None:
    lines = new_district.client("signer").get(f"/figures/E001/lines?as_of={DAY}")
    assert lines.status_code == 200
    assert "示例部门" in lines.text


def test_its_department_has_no_column_of_aliases() -> None:
    """Else the tests above try nothing that the sample district does not."""
    header = (Path(SKELETON) / "include/reference/department.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert "aliases" not in header
