"""Pages as axe-core judges them (WCAG 2.2 AA), and whether any is wider than the screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.web.conftest import DAY, PASSWORD, Served

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1366, 768, 390)
PAGES = {
    "signer": (
        "/login",
        f"/board?as_of={DAY}",
        f"/figures/S041?as_of={DAY}",
        f"/figures/S041/lines?as_of={DAY}",
        f"/figures/S041/revisions?as_of={DAY}",
        "/sheet/58?sheet=Sheet1&row=4",
        "/impact/58?row=4",
        f"/compare?as_of={DAY}&first={DAY}T12:00",
        f"/briefing?as_of={DAY}",
        "/sign",
        "/account",
        "/nowhere",
    ),
    "analyst": (
        "/marts",
        f"/marts/resumption_daily?from=2020-03-01&to={DAY}&scope=industry&dimension=township",
        "/questions",
        f"/questions/2?as_of={DAY}",
        "/api",
        "/texts",
    ),
    "admin": (f"/today?day={DAY}", "/today/submissions/58"),
    "tax": (
        "/department",
        "/department?day=2020-03-13",
        "/department/history",
        "/department/history/versions?report=tax_relief&day=2020-03-11",
        "/department/templates",
        "/department/receipts/410",
        "/department/receipts/410/sheet",
    ),
}


@pytest.mark.parametrize("account", [*PAGES])
def test_pages_are_for_everybody(served: Served, browser: Browser, account: str) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{served.address}/login")
    page.fill("[name=account]", account)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    faults: list[str] = []
    for path in PAGES[account]:
        page.goto(served.address + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 768})
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond > 0:
                faults.append(f"{path} is {beyond} px wider than a screen of {width}")
        page.set_viewport_size({"width": WIDTHS[0], "height": 768})
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        faults += [
            f"{path}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]
        ]
    context.close()
    assert not faults, "\n".join(faults)
