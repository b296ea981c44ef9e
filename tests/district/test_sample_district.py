"""The sample district through the whole path: files in, figures out."""

from __future__ import annotations

import csv
from datetime import date

from fugong.core.settings import Settings
from fugong.figures.figure import figures
from fugong.warehouse.connection import connect


def test_every_golden_figure_is_told_as_printed(sample_district: Settings) -> None:
    with (sample_district.include / "samples" / "golden.csv").open(encoding="utf-8", newline="") as file:
        golden = {line["figure"]: line["display"] for line in csv.DictReader(file)}
    with connect(sample_district) as connection:
        found = figures(connection, sample_district.include, date(2020, 3, 18))
    assert {figure.id: figure.display for figure in found if figure.id in golden} == golden
