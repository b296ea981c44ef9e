"""Printed sums that give a firm away, in the sample district: found, and confirmed from the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from fugong.briefing.document import Signature, compose
from fugong.briefing.publishing import publish
from fugong.briefing.wording import load_template
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.figures.evaluate import open_evaluator
from fugong.figures.few_firms import Telling, telling_figures
from fugong.warehouse.connection import connect

DAY = date(2020, 3, 18)
Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(sample_district: Settings) -> Iterator[Connection]:
    """What a test publishes is rolled back."""
    with connect(sample_district) as connection, connection.transaction(force_rollback=True):
        yield connection


def found_on(connection: Connection, settings: Settings, day: date) -> set[Telling]:
    printed = load_template(settings.include).printed
    with open_evaluator(connection, settings.include, day) as evaluator:
        return set(telling_figures(evaluator, printed))


def test_the_only_maker_of_masks_is_told_and_sums_of_many_firms_are_not(
    connection: Connection, sample_district: Settings
) -> None:
    told = found_on(connection, sample_district, DAY)
    assert {(one.source, one.is_change, one.n_firms) for one in told if not one.title} == {("S056", False, 1)}
    [(makers,)] = connection.execute("SELECT COUNT(DISTINCT uscc) FROM report.supply_line WHERE item = '口罩'").fetchall()
    assert makers == 1
    tables = {str(one.title): one for one in told if one.title}
    assert tables
    assert all(one.n_firms < 3 for one in tables.values())
    assert not any("P0" in title or "P1" in title for title in tables)  # names, not codes


def test_a_figure_that_moves_by_one_firm_is_told_on_that_day_alone(connection: Connection, sample_district: Settings) -> None:
    moved = {
        day: {
            str(one.title)
            for one in found_on(connection, sample_district, day)
            if one.source == "front/10_relief" and one.is_change
        }
        for day in (date(2020, 3, 13), date(2020, 3, 14))
    }
    assert any("小规模纳税人增值税" in title for title in moved[date(2020, 3, 13)])
    assert not any("小规模纳税人增值税" in title for title in moved[date(2020, 3, 14)])


def test_a_draft_and_whoever_signs_are_told_and_the_signed_page_is_silent(
    connection: Connection, sample_district: Settings
) -> None:
    draft = compose(connection, sample_district.include, DAY)
    assert any(line.startswith("可推知单家企业:“口罩日产能”主要来自 1 家") for line in draft.missing)
    signature = Signature("区长", datetime(2020, 3, 19, 9, tzinfo=SHANGHAI))
    assert not any("可推知" in line for line in compose(connection, sample_district.include, DAY, signature=signature).missing)
    done = publish(connection, sample_district, DAY, signer="区长", reason="抽查属实")
    assert [text.zh.partition("主要")[0] for text in done.firms] == ["可推知单家企业:“口罩日产能”"]
    assert not any("可推知" in line for line in done.missing)
