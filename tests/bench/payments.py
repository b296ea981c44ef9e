"""A clean list of payments, written as departments write CSV: no quotes, a header, empty remarks."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from tests.fixtures.credit_codes import firm_code

HEADER = "拨付编号,统一社会信用代码,企业名称,所属镇办,规模,拨付日期,核定金额,拨付金额,扣回金额,职工人数,补贴比例,备注"
TOWNSHIPS = ("济源路街道", "中心路街道", "新安路街道", "工业路街道", "矿山街道", "峡窝镇")
SIZES = ("大", "中", "小", "微")
REMARKS = ("", "", "", "", "", "", "", "当日拨付到账", "分两笔拨付,已补材料", "按季度预拨")
AT_ONCE = 100_000
COLUMNS = """
    payment_id text NOT NULL, uscc text NOT NULL, name text NOT NULL, township text NOT NULL, size_class text NOT NULL,
    paid_date date NOT NULL, approved numeric(18, 2) NOT NULL, paid numeric(18, 2) NOT NULL, withheld numeric(18, 2) NOT NULL,
    headcount integer NOT NULL, ratio numeric(7, 5) NOT NULL, remark text
"""
"""The same columns as a bare table."""


def write_payments(file: Path, n: int, *, n_firms: int = 20_000, seed: int = 20200318) -> Path:
    """Write `n` payments of March 2020."""
    random = np.random.default_rng(seed)
    firms = [f"{firm_code(number)},郑州市上街区示例企业{number:05d}有限公司" for number in range(n_firms)]
    remarks = [text.replace(",", "，") for text in REMARKS]
    with file.open("w", encoding="utf-8", newline="") as out:
        out.write(HEADER + "\r\n")
        for first in range(0, n, AT_ONCE):
            rows = range(first, min(first + AT_ONCE, n))
            size = len(rows)
            approved = random.integers(100_000, 100_000_000, size)
            paid = (approved * random.uniform(0.3, 1, size)).astype(np.int64)
            withheld = (paid * random.uniform(0, 0.1, size)).astype(np.int64)
            given = zip(
                rows,
                random.integers(0, n_firms, size).tolist(),
                random.integers(0, len(TOWNSHIPS), size).tolist(),
                random.integers(0, len(SIZES), size).tolist(),
                random.integers(1, 19, size).tolist(),
                approved.tolist(),
                paid.tolist(),
                withheld.tolist(),
                random.integers(1, 3_000, size).tolist(),
                random.integers(1, 100_001, size).tolist(),
                random.integers(0, len(remarks), size).tolist(),
                strict=True,
            )
            out.writelines(
                f"BF20200318{row:08d},{firms[firm]},{TOWNSHIPS[township]},{SIZES[kind]},2020-03-{day:02d},"
                f"{a // 100}.{a % 100:02d},{p // 100}.{p % 100:02d},{w // 100}.{w % 100:02d},{staff},"
                f"{share // 100000}.{share % 100000:05d},{remarks[remark]}\r\n"
                for row, firm, township, kind, day, a, p, w, staff, share, remark in given
            )
    return file


def payment_rows(n: int) -> list[list[object]]:
    """The first `n` payments as cells of a workbook: numbers as numbers, dates as text."""
    random = np.random.default_rng(1)
    cycle = itertools.cycle(TOWNSHIPS)
    out: list[list[object]] = []
    for row in range(n):
        approved = int(random.integers(100_000, 100_000_000))
        paid = approved // 2
        out.append(
            [
                f"BF20200318{row:08d}",
                firm_code(row % 20_000) if row < 20_000 else out[row % 20_000][1],
                f"郑州市上街区示例企业{row % 20_000:05d}有限公司",
                next(cycle),
                SIZES[row % 4],
                f"2020-03-{row % 18 + 1:02d}",
                approved / 100,
                paid / 100,
                paid // 20 / 100,
                row % 3_000 + 1,
                row % 100_001 / 100_000,
                REMARKS[row % 10] or None,
            ]
        )
    return out
