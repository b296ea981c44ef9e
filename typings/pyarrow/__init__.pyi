# pyarrow is compiled; a checker that only reads sees no types in it, and takes it for a module without them.
from typing import Any

def __getattr__(name: str) -> Any: ...
