"""Answers of `GET /v1/catalogue`."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(slots=True)
class CatalogueItem:
    """An item of the catalogue."""

    id: str
    title: Annotated[str, Field(description="for people")]
    text: Annotated[str, Field(description="for the model")]
    category: str | None = None


@dataclass(slots=True)
class CataloguePage:
    """A page of the catalogue, in its order."""

    total: Annotated[int, Field(description="number of items in the whole catalogue")]
    offset: Annotated[int, Field(description="index of the first item of this page, from 0")]
    items: list[CatalogueItem]
