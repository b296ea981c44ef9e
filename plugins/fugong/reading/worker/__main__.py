"""Starts the fork server. Run by the path of this folder, so that only the interpreter has to be found."""

import importlib
import os
import sys
from pathlib import Path

# Keep NumPy out: it starts the threads of OpenBLAS, and a process that forks should have one thread. pyarrow works without it.
sys.modules["numpy"] = None  # type: ignore[assignment]
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.umask(0o077)
importlib.import_module("fugong.reading.worker.fork_server").main()
