"""Starts the zygote; run by the path of this folder, so that nothing but the interpreter has to be found."""

import importlib
import sys
from pathlib import Path

# NumPy brings OpenBLAS and its threads; pyarrow does without, and a process that forks should have one thread.
sys.modules["numpy"] = None  # type: ignore[assignment]
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
importlib.import_module("fugong.reading.worker.zygote").main()
