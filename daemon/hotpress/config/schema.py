"""JSON Schema of the config, for editors: what people write, with its sentence and its default."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from hotpress.config import settings
from hotpress.config.spelling import spelled

_TITLE = "hotpress config"


def schema() -> dict[str, Any]:
    """Draft 2020-12. A key that nobody knows is refused, as by hotpress itself."""
    found = TypeAdapter(settings.Settings).json_schema(mode="validation")
    for name, section in found.get("$defs", {}).items():
        model = getattr(settings, name, None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            _as_written(section, model)
    _as_written(found, settings.Settings)
    return {"$schema": GenerateJsonSchema.schema_dialect, **found, "title": _TITLE}


def _as_written(section: dict[str, Any], model: type[BaseModel]) -> None:
    """Defaults as people write them; a number may be written as text, and a section left blank."""
    for key, prop in section.get("properties", {}).items():
        prop.pop("title", None)
        default = model.model_fields[key].default
        if isinstance(default, BaseModel) or "default" not in prop:
            prop.pop("default", None)
        else:
            prop["default"] = spelled(key, default)
        for one in (prop, *prop.get("anyOf", ())):
            if one.get("type") in ("integer", "number"):
                one["type"] = [one["type"], "string"]
