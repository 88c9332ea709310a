"""Questions to the demo catalogue with relevance judgements of all its items, made by hand.

They are used for evaluation only: they measure a ranking on an app's own catalogue, with a history on the same topic as
the question and with one on another topic. JSON lines:

    {"query": …, "relevant": {<item>: <grade, 1 to 3>, …}, "related": [<item>, …], "unrelated": [<item>, …]}
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model_build.common.errors import DataError
from service.feature_store.items.item import Item
from service.files.printable import first_reason

DEMO_QUESTIONS = Path(__file__).with_suffix(".jsonl")
Grade = Annotated[int, Field(ge=1, le=3)]
History = Annotated[tuple[str, ...], Field(min_length=3, max_length=5)]


class DemoQuestion(BaseModel):
    """A question and its judgements.

    Attributes:
        query: as a user would type it.
        relevant: grades of all relevant items: 3 answers the question, 2 serves, 1 helps in part.
        related: items of a history on the same topic, none of them relevant.
        unrelated: items of a history on another topic, in categories without relevant items.
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
    """Read the questions and check them against a catalogue.

    Raises:
        DataError: the file can't be read, or a line is invalid, a duplicate or does not fit the catalogue.
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
            raise DataError(f"{path}, line {number}: {first_reason(error)}") from None
        problem = "an earlier line asks the same" if question.query in questions else _misfit(question, categories)
        if problem is not None:
            raise DataError(f"{path}, line {number}: {problem}")
        questions[question.query] = question
    if not questions:
        raise DataError(f"{path} holds no questions")
    return list(questions.values())


def _misfit(question: DemoQuestion, categories: Mapping[str, str | None]) -> str | None:
    """The reason why a question does not fit the catalogue, if there is one."""
    for item in (*question.relevant, *question.related, *question.unrelated):
        if item not in categories:
            return f"the catalogue has no item {item}"
    answered = {categories[item] for item in question.relevant}
    near = next((item for item in question.unrelated if categories[item] in answered), None)
    return None if near is None else f"{near} is called unrelated, but a relevant item is of its category"
