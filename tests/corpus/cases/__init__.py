"""What the files of the corpus are, a module per category."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Register all cases."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
