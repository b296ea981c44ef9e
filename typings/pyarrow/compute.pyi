# pyarrow makes these functions when it is imported; a checker that only reads sees none of them.
from typing import Any

def __getattr__(name: str) -> Any: ...
