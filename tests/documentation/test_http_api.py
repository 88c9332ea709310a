from documentation.examples import recorded
from documentation.http_api import document, operations, page


def test_every_operation_has_a_heading() -> None:
    listed = [f"## {method.upper()} {path}\n" for path, method, _ in operations(document())]
    assert len(listed) > 10
    assert all(heading in page() for heading in listed)


def test_every_operation_with_a_body_has_an_example() -> None:
    asked = {
        f"{method.upper()} {path}" for path, method, operation in operations(document()) if "requestBody" in operation
    }
    assert asked - recorded().keys() <= {"POST /v1/admin/model", "POST /v1/classify"}


def test_every_example_is_of_an_operation_and_has_an_answer() -> None:
    known = {f"{method.upper()} {path}" for path, method, _ in operations(document())}
    assert recorded().keys() <= known
    assert all(example["response"] for example in recorded().values())
