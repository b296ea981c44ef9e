"""An installation whose contract and suite of the tax report a test may change, as an engineer does."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from fugong.judge import Judge
from fugong.settings import PROJECT, Settings
from tests.warehouse.inbox import Inbox

Change = Callable[[dict[str, Any]], Any]
ROUND: dict[str, Any] = {
    "type": "expect_row_to_satisfy",
    "kwargs": {"column_list": ["amt_relief"], "condition": "amt_relief % 100 == 0"},
    "severity": "critical",
    "meta": {
        "code": "not-round",
        "column": "amt_relief",
        "message_zh": "“{header}”{value}不是整百。",
        "message_en": '"{header}" {value} is no multiple of a hundred.',
        "advice_zh": "请核对。",
        "advice_en": "Check it.",
    },
}
"""Sets an amount aside that is no multiple of a hundred yuan: strict, or wrong, as one likes."""


def own_rules(inbox: Inbox, project: Path) -> Inbox:
    """The same installation with contracts and suites of its own."""
    for folder in ("include", "expectations"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = Settings(inbox.settings.home, project, inbox.settings.warehouse_url)
    return Inbox(settings, Judge.load(settings, inbox.judge.reader))


def change_suite(inbox: Inbox, change: Change) -> None:
    """Edit the suite of the tax report, and judge by it from now on."""
    path = inbox.settings.expectations / "tax_relief.json"
    suite = json.loads(path.read_text(encoding="utf-8"))
    change(suite)
    _replace(path, json.dumps(suite, ensure_ascii=False))
    inbox.judge = Judge.load(inbox.settings, inbox.judge.reader)


def change_contract(inbox: Inbox, change: Change) -> None:
    """Edit the contract of the tax report, and judge by it from now on."""
    path = inbox.settings.include / "contracts" / "tax_relief.odcs.yaml"
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(contract)
    _replace(path, yaml.safe_dump(contract, allow_unicode=True))
    inbox.judge = Judge.load(inbox.settings, inbox.judge.reader)


def _replace(path: Path, text: str) -> None:
    """Write a file so that its time stamp moves on, as that of an edited file does."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))
