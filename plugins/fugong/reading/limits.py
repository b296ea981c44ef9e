"""Limits of reading: what one file may cost. The defaults have their one home here; the environment may change each of them.

The defaults follow OWASP ASVS 5.0, V5 (check sizes, entries and inflated sizes before a file is opened) and the
`ZipSecureFile` of Apache POI (packed to inflated at least 1 : 100, at most 1,000 entries, longest text).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

MIB = 1 << 20
PREFIX = "FUGONG_LIMIT_"
"""Environment variables that change a limit: `FUGONG_LIMIT_ENTRIES=2000`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; a file that needs more is refused.

    Attributes:
        memory: bytes of private memory of the child beyond that of the fork server.
        seconds: wall time for a workbook, and the fixed part of that for a text file.
        text_bytes_per_second: a text file gets another second for every so many bytes.
        open_files: file descriptors of the child.
        workbook_bytes: largest workbook or archive, as sent.
        text_bytes: largest text file, as sent; an HTML table gets a sixteenth.
        entries: most entries in an archive.
        inflated_bytes: largest sum of an archive's entries, counted while they are inflated.
        inflation: largest ratio of inflated to packed bytes, of any entry and of all together.
        inflation_free_bytes: inflated bytes below which the ratio does not count.
        cell_characters: longest text of one cell.
        cells: largest area from A1 to a sheet's last cell.
        columns: widest sheet.
        sheets: most sheets in one workbook.
    """

    memory: int = 512 * MIB
    seconds: float = 30.0
    text_bytes_per_second: int = 4 * MIB
    open_files: int = 64
    workbook_bytes: int = 100 * MIB
    text_bytes: int = 2048 * MIB
    entries: int = 1_000
    inflated_bytes: int = 1024 * MIB
    inflation: int = 100
    inflation_free_bytes: int = 16 * MIB
    cell_characters: int = 131_072
    cells: int = 20_000_000
    columns: int = 2_000
    sheets: int = 256

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Limits:
        """The defaults, overridden by variables of the environment.

        Raises:
            ValueError: a variable names no limit, or its value is not a positive number.
        """
        kinds = {field.name: float if field.type == "float" else int for field in fields(cls)}
        given: dict[str, int | float] = {}
        for variable, text in environ.items():
            if not variable.startswith(PREFIX) or not text:
                continue
            name = variable.removeprefix(PREFIX).lower()
            if name not in kinds:
                raise ValueError(f"{variable}: there is no such limit. There is: {', '.join(kinds)}")
            try:
                given[name] = kinds[name](text)
            except ValueError as error:
                raise ValueError(f"{variable} should be a number, found {text!r}") from error
            if given[name] <= 0:
                raise ValueError(f"{variable} should be more than 0, found {text!r}")
        return cls(**given)  # pyright: ignore[reportArgumentType]

    def seconds_for(self, size: int, *, is_workbook: bool) -> float:
        """Wall time for a file of `size` bytes."""
        return self.seconds if is_workbook else self.seconds + size / self.text_bytes_per_second
