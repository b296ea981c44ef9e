"""Reads from a file's name which report it is, and which part of the name is the sender's."""

from __future__ import annotations

import re
import unicodedata

from fugong.contracts.code_list import fold
from fugong.contracts.contract import Contract, Contracts

REPORT_NUMBER = re.compile(r"(?<![A-Za-z0-9])R\s*(\d{2})(?!\d)", re.IGNORECASE)

OUR_ENDING = re.compile(r"\.(\d+|试投)\.(?:回执|退回行)(?![^\s.(()\-_ ])")
"""The ending of a file that we wrote: number of the submission, then what the file is."""


def stem(file_name: str) -> str:
    """The sender's part of a file's name, without its suffix. `.12.回执` must not be read as a twelfth day."""
    plain, _ = without_our_ending(file_name)
    base, dot, extension = plain.rpartition(".")
    return base if dot and len(extension) <= 5 and extension.isalnum() and not extension.isdigit() else plain


def without_our_ending(file_name: str) -> tuple[str, int | None]:
    """A name without the ending that we added, and the submission's number in that ending; 0 for the receipt of a dry run."""
    found = OUR_ENDING.search(file_name)
    if found is None:
        return file_name, None
    number = found.group(1)
    return file_name[: found.start()] + file_name[found.end() :], int(number) if number.isdecimal() else 0


def matching_contracts(text: str, contracts: Contracts) -> tuple[Contract, ...]:
    """The reports that a name or title means: by report number, else by the longest matching word of `fileNames`."""
    plain = unicodedata.normalize("NFKC", text)
    numbers = {f"R{number}" for number in REPORT_NUMBER.findall(plain)}
    numbered = tuple(contract for contract in contracts if contract.report in numbers)
    if numbered:
        return numbered
    folded = fold(text)
    scores = {
        contract: max((len(fold(word)) for word in (contract.name, *contract.file_names) if fold(word) in folded), default=0)
        for contract in contracts
    }
    best = max(scores.values(), default=0)
    return tuple(contract for contract, score in scores.items() if best and score == best)
