"""`GET /v1/catalogue`: what clients get."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(slots=True)
class CatalogueItem:
    """An item that is held for good."""

    id: str
    title: Annotated[str, Field(description="what a person is shown")]
    text: Annotated[str, Field(description="what the model reads")]
    category: str | None = None


@dataclass(slots=True)
class CataloguePage:
    """A part of the catalogue, in its order."""

    total: Annotated[int, Field(description="how many items the whole catalogue has")]
    offset: Annotated[int, Field(description="the place of the first item of this part, from 0")]
    items: list[CatalogueItem]
