"""English sentences whose shares, growths and comparisons are stated with all their numbers."""

from __future__ import annotations

import pytest

from fugong.audit.remarks import AGREES, CONTRADICTION, SUSPICION
from tests.audit.test_checks import remarks

INDUSTRY = (
    "GDP of the river was {whole} billion yuan. The value added of the primary industry was 87.7 billion yuan, up by 2.7 percent; "
    "that of the secondary industry was 823.5 billion yuan; and that of the tertiary industry was 1,223.2 billion yuan."
)


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        ("On the river 255 of 365 ferries (69.9 percent) sail again.", AGREES, "69.9 percent"),
        ("On the river 255 of 365 ferries (66.9 percent) sail again.", CONTRADICTION, "66.9 percent"),
        ("Of 13,000 papers of the boatmen 4,500 are done: 34.6 %.", AGREES, "34.6 %"),
        ("Of 13,000 papers of the boatmen 4,500 are done: 43.6 %.", CONTRADICTION, "43.6 %"),
        ("Fares were 2,200 million yuan, up 200 million yuan or 10 percent.", AGREES, "10 percent"),
        ("Fares were 2,200 million yuan, up 200 million yuan or 20 percent.", CONTRADICTION, "20 percent"),
        (
            "The catch was 141.74 million tons, an increase of 2.93 million tons over last year, up by 2.1 percent.",
            AGREES,
            "2.1 percent",
        ),
        (
            "The catch was 141.74 million tons, an increase of 2.93 million tons over last year, up by 1.2 percent.",
            CONTRADICTION,
            "1.2",
        ),
        ("The share of ferries on time was 75.1%, lower than a year earlier (75.3%).", AGREES, "75.3%"),
        ("The share of ferries on time was 75.1%, lower than a year earlier (73.5%).", CONTRADICTION, "73.5%"),
        ("The share of idle boats was 4.3%, down from 4.8% in spring.", AGREES, "4.8%"),
        ("The share of idle boats was 4.3%, up from 4.8% in spring.", CONTRADICTION, "4.8%"),
        ("The share on time rose from 98.6% to 91.1% in May.", CONTRADICTION, "91.1%"),
        (
            "There are 300 ferries and 12.5 billion yuan in tolls, of which 14.1 billion yuan is paid.",
            CONTRADICTION,
            "14.1 billion",
        ),
        (INDUSTRY.format(whole="2,134.4"), AGREES, "2,134.4 billion"),
        (INDUSTRY.format(whole="2,314.4"), SUSPICION, "2,314.4 billion"),
    ],
)
def test_a_plain_sentence_is_confirmed_or_contradicted(text: str, verdict: str, said: str) -> None:
    found = [one for one in remarks(text) if one.code != "unit-missing"]
    assert any(one.verdict == verdict and said in one.message.en for one in found), found


@pytest.mark.parametrize(
    "text",
    [
        "Traffic fell from 2019 to 2020 and rose from 10th to 5th among the rivers.",
        "Sales rose in 7 of 9 harbours, representing 88.7% of trade on the river.",
        "Trade was 45,093 billion yuan, up 900 billion yuan, or 6.3 percent at comparable prices.",
        "The price changed by -4.3%, up from -4.8% in the month before.",
        "Of the 500 boats, 20 new ones came, and fares rose by 5 percent.",
        "This is page 3 of 10, with fares up 5 percent on the year.",
        "木船255 of 365 (50%)只是名称。",
    ],
)
def test_what_is_not_said_plainly_is_not_contradicted(text: str) -> None:
    assert not [one for one in remarks(text) if one.verdict == CONTRADICTION]
