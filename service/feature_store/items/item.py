"""An item that can be recommended, and its JSON description in a catalogue or a `PUT /v1/items` request."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from service.text.cleaning import has_words

ItemId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=64)]


@dataclass(frozen=True)
class Item:
    """An item: its title is for people, its text for the model."""

    id: str
    title: str
    text: str
    category: str | None


class ItemDescription(BaseModel):
    """A text, or a title with an optional description."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True)

    id: ItemId
    text: str | None = None
    title: str | None = None
    description: str | None = None
    category: Category | None = None

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if (self.text is None) == (self.title is None):
            raise ValueError("an item needs either a text or a title")
        if self.text is not None and self.description is not None:
            raise ValueError("a description goes with a title, not with a text")
        if not has_words(self.text or self.title):
            raise ValueError("the text or title must not be blank")
        return self

    def item(self) -> Item:
        """The described item."""
        title = self.title or self.text or ""
        text = self.text or ". ".join(part for part in (self.title, self.description) if part)
        return Item(id=self.id, title=title, text=text, category=self.category)
