"""Types shared by the sections of a recipe."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Strict: neither `true` nor a quoted number is accepted as a number.
Count = Annotated[int, Field(ge=0, strict=True)]
Positive = Annotated[int, Field(ge=1, strict=True)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
Rate = Annotated[float, Field(gt=0.0, le=1.0, strict=True)]
Weight = Annotated[float, Field(ge=0.0, strict=True)]
Switch = Annotated[bool, Field(strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Precision = Literal["float32", "bfloat16"]
Scheme = Literal["int8", "int8-tensor", "int4", "float32"]


class Section(BaseModel):
    """A table of the recipe; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
