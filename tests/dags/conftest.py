"""An Airflow of its own for the tests of DAGs: its home and database are thrown away, and lie in memory, where SQLite syncs for nothing.

Must be set before Airflow is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.fixtures.memory import memory

PROJECT = Path(__file__).resolve().parents[2]

if "airflow" in sys.modules:
    raise RuntimeError("Airflow was imported before these tests could give it a home of its own. Import it inside the test.")

HOME = Path(tempfile.mkdtemp(prefix="fugong-airflow-", dir=memory()))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[name]
os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(PROJECT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
)
