"""A table of facts: a name and what is said of it."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text


def facts_table(title: str, facts: Mapping[str, str]) -> Table:
    """A row for each fact. What comes from a file is shown as it is, square brackets too."""
    table = Table(title=Text(title), title_justify="left", show_header=False)
    for name, said in facts.items():
        table.add_row(Text(name, style="bold"), Text(said))
    return table
