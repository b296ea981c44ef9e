"""Credit codes, which every file is full of: none is taken for an ID number, a bank card or a telephone number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import pyarrow as pa

from fugong.privacy.detect_columns import find_in
from tests.fixtures.credit_codes import random_codes
from tests.prove.proof import Proof, Try

CODES_A_CASE = 20_000
KINDS = ("text", "id", "uscc", "code", "number")
"""What the column may be that holds them."""


@contextmanager
def open_codes(seed: int) -> Iterator[Try]:
    """Random credit codes in a column of each kind."""

    def try_case(case: int) -> dict[str, Any]:
        codes = random_codes(Random(seed * 10**6 + case), CODES_A_CASE)
        for kind in KINDS:
            found = find_in(pa.array(codes), kind)
            assert not found, f"in a column of kind {kind}, {codes[found[0][0]]} is taken for {found[0][1]}"
        return {"codes": len(set(codes))}

    yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{sum(one['codes'] for one in found):,} codes in columns of {len(KINDS)} kinds"


PROOF = Proof(
    name="credit-codes",
    claim="No credit code is taken for personal data.",
    claim_zh="统一社会信用代码从不被当作个人信息。",
    n_cases=10,
    open=open_codes,
    summary=_summary,
)
