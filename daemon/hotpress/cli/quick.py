"""Plain words need no pydantic: typer loads it for every option, which takes longer than `jobs`.

Only what typer would hand on as it is goes by here: words, paths, values that nobody typed. All
else (numbers, choices, wrong use) stays typer's own work; so does everything in a typer that keeps
its options in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

_PLACE = "_runtime_param"  # where typer 0.29 keeps what turns a typed word into a value


class _AsTyped:
    def __init__(self, kind: type[str | Path | int | bool]) -> None:
        self._kind = kind

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - typer's own
        """The value of one option."""
        if value is None or isinstance(value, self._kind):
            return value
        if self._kind is Path and isinstance(value, str):
            return Path(value)
        setattr(param, _PLACE, None)
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def quick(params: Iterable[Any]) -> None:
    """Spare these options and arguments the detour, as far as they are plain."""
    for param in params:
        kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
        single = getattr(param, "nargs", 0) == 1 and not getattr(param, "multiple", False)
        if getattr(param, _PLACE, 0) is None and single and kind in (str, Path, int, bool):
            setattr(param, _PLACE, _AsTyped(kind))
