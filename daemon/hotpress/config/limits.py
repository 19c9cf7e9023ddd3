"""How much at once, and how fast: of everything, and of one inbox. And what a section is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hotpress.config.units import Rates, Size, size


class Section(BaseModel):
    """A part of the config: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Limits(Section):
    """How much at once."""

    uploads: int = Field(2, ge=1, le=16)
    cloud_jobs: int = Field(4, ge=1, le=64)
    encodes: int = Field(1, ge=1, le=16)
    upload_rate: Rates = Field(
        (), description='of all together: 20 Mbit/s, or {"08:00-18:00": 5 Mbit/s, else: none}'
    )
    free_space: Size = Field(
        size("500 MB"), description="stays free on every disk; at most 5 % of a small one"
    )


class InboxLimits(Section):
    """How much of one inbox at once, within what `limits` allows all of them."""

    uploads: int | None = Field(None, ge=1, le=16)
    cloud_jobs: int | None = Field(None, ge=1, le=64)
    encodes: int | None = Field(None, ge=1, le=16)
    upload_rate: Rates = Field((), description="by times of day in the inbox's time zone")


class Spend(Section):
    """Credits that the videos of one inbox may cost."""

    per_day: float | None = Field(None, ge=0)
    per_month: float | None = Field(None, ge=0)

    @field_validator("per_day", "per_month", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """`none`: as much as all together may."""
        return None if isinstance(value, str) and value.lower() == "none" else value
