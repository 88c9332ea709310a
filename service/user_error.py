"""The base of the errors that a user can fix: a bad setting, file, folder or address."""

from typing import ClassVar


class UserError(Exception):
    """The message says in one line what is wrong; `exit_code` is that of a command that fails with it."""

    exit_code: ClassVar[int] = 1
