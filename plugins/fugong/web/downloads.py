"""Tables as files to download; each is written to the folder for temporary files and deleted once it was sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from fugong.analysis import formats
from fugong.core.errors import NotFoundError
from fugong.storage.modes import private_folder
from fugong.web.site import Site

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def as_file(site: Site, table: formats.Table, form: str) -> FileResponse:
    """A table as a file of a format.

    Raises:
        NotFoundError: there is no such format.
        RefusedError: a workbook cannot hold so many rows.
    """
    if form not in TYPES:
        there = ", ".join(TYPES)
        raise NotFoundError(f"没有格式 {form},有 {there} | there is no format {form}. There is: {there}")
    folder = tempfile.TemporaryDirectory(dir=private_folder(site.settings.spool), prefix="download-")
    file = Path(folder.name) / f"{table.name}.{form}"
    try:
        formats.write(table, file, form)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(file, media_type=TYPES[form], filename=file.name, background=BackgroundTask(folder.cleanup))
