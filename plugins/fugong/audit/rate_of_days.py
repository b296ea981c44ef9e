"""Checks the rate of days of a year: 全年优良天数286天,优良率78.4%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fugong.audit.positions import Positions
from fugong.audit.remarks import AGREES, SUSPICION, Remark
from fugong.core.bilingual import Bilingual

OF_YEAR = re.compile(
    r"(?:全年|(?:19|20)\d\d年)[^。；\n\d]{0,24}(?:优良|达标|良好以上|二级以上)[^。；，\n\d]{0,8}(?P<days>\d{2,3})天，(?:[^，。；\n]{0,24}天，)?"
    r"[^，。；\n\d]{0,10}(?:率|比例|占比|占全年)[^，。；\n\d]{0,6}(?P<rate>\d{1,2}(?:\.(?P<places>\d{1,2}))?)%"
)
YEARS = (Decimal(365), Decimal(366), Decimal(364), Decimal(363))
"""Days of a year; some lack a value."""


def rate_of_days(positions: Positions) -> Iterator[Remark]:
    """Yield a remark for each rate of good days of a year."""
    for found in OF_YEAR.finditer(positions.text.plain):
        days, rate = Decimal(found["days"]), Decimal(found["rate"])
        half = Decimal(6) / 10 ** (len(found["places"] or "") + 1)
        agrees = any(abs(days / year * 100 - rate) <= half for year in YEARS)
        shown = f"{days}/365={days / YEARS[0] * 100:.1f}%"
        message = Bilingual(
            f"{found['rate']}% {'相符' if agrees else '可能不符'}:{shown}。",
            f"{found['rate']} % {'agrees' if agrees else 'may be wrong'}: {shown}.",
        )
        yield Remark("ratio", AGREES if agrees else SUSPICION, found.start("rate"), (), message)
