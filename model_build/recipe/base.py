"""What all sections of a recipe share: no unknown keys, and fingerprints that outlive new ones."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

# Strict: `true` is no number, and neither is a number in quotes.
Count = Annotated[int, Field(ge=0, strict=True)]
Positive = Annotated[int, Field(ge=1, strict=True)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
Rate = Annotated[float, Field(gt=0.0, le=1.0, strict=True)]
Weight = Annotated[float, Field(ge=0.0, strict=True)]
Switch = Annotated[bool, Field(strict=True)]
Scheme = Literal["int8", "int8-tensor", "int4", "float32"]


class Section(BaseModel):
    """A table of the recipe.

    Attributes:
        added_since: what the language gained after runs were recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    added_since: ClassVar[tuple[str, ...]] = ()

    def recorded(self) -> dict[str, object]:
        """What a stage's fingerprint has of the section, as JSON values.

        What the language gained later is left out where it has its default: earlier runs stay as good as they were.
        """
        fields = type(self).model_fields
        unchanged = {
            name
            for name in self.added_since
            if getattr(self, name) == fields[name].get_default(call_default_factory=True)
        }
        return self.model_dump(mode="json", exclude=unchanged)
