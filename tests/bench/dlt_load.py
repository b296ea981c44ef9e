"""Load one CSV file into PostgreSQL by dlt, as its documentation shows; run by the Python of an environment that has dlt."""

# dlt lives in a virtual environment of its own, made when the benchmark runs.
# pyright: reportMissingImports=false

import sys
from pathlib import Path

import dlt
from dlt.sources.filesystem import filesystem, read_csv

file, url = Path(sys.argv[1]), sys.argv[2]
rows = filesystem(bucket_url=file.parent.as_uri(), file_glob=file.name) | read_csv()
pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.postgres(url),
    dataset_name="by_dlt",
    pipelines_dir=str(file.parent / "pipelines"),
    dev_mode=False,
)
pipeline.run(rows.with_name("payment"), write_disposition="replace")
