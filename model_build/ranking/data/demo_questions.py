"""Questions to the demo catalogue, judged by reading all of its items: what answers each, and what does not.

They are held to nothing that trains or chooses: they tell how a ranking does on an app's own catalogue, with a history
of the same interest as the question and with one of another. JSON lines:

    {"query": …, "relevant": {<item>: <grade, 1 to 3>, …}, "related": [<item>, …], "unrelated": [<item>, …]}
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model_build.evaluation.errors import DataError
from service.feature_store.items.item import Item

DEMO_QUESTIONS = Path(__file__).with_suffix(".jsonl")
Grade = Annotated[int, Field(ge=1, le=3)]
History = Annotated[tuple[str, ...], Field(min_length=3, max_length=5)]


class DemoQuestion(BaseModel):
    """A question and its judgements.

    Attributes:
        query: as a person would type it.
        relevant: grades of all items that answer it: 3 is what was asked for, 2 serves, 1 helps with a part of it.
        related: items that a person with the same interest would have chosen before, none of which answers it.
        unrelated: items of quite other topics, of categories that no relevant item has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: Annotated[str, Field(min_length=1)]
    relevant: Annotated[Mapping[str, Grade], Field(min_length=1)]
    related: History
    unrelated: History

    @model_validator(mode="after")
    def _judged_once(self) -> Self:
        named = [*self.relevant, *self.related, *self.unrelated]
        twice = next((item for place, item in enumerate(named) if item in named[:place]), None)
        if twice is not None:
            raise ValueError(f"{twice} is named twice")
        return self


def read_demo_questions(catalogue: Iterable[Item], path: Path = DEMO_QUESTIONS) -> list[DemoQuestion]:
    """Read the questions to a catalogue.

    Raises:
        DataError: the file can't be read, or a line is no question, is asked twice or does not fit the catalogue.
    """
    categories = {item.id: item.category for item in catalogue}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8") from None
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}") from None
    questions: dict[str, DemoQuestion] = {}
    for number, line in enumerate(lines, start=1):
        try:
            question = DemoQuestion.model_validate_json(line, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise DataError(f"{path}, line {number}: {f'{where}: ' if where else ''}{first['msg']}") from None
        amiss = "an earlier line asks the same" if question.query in questions else _misfit(question, categories)
        if amiss is not None:
            raise DataError(f"{path}, line {number}: {amiss}")
        questions[question.query] = question
    if not questions:
        raise DataError(f"{path} holds no questions")
    return list(questions.values())


def _misfit(question: DemoQuestion, categories: Mapping[str, str | None]) -> str | None:
    """What of a question does not fit the catalogue, if anything."""
    for item in (*question.relevant, *question.related, *question.unrelated):
        if item not in categories:
            return f"the catalogue has no item {item}"
    answered = {categories[item] for item in question.relevant}
    near = next((item for item in question.unrelated if categories[item] in answered), None)
    return None if near is None else f"{near} is called unrelated, but a relevant item is of its category"
