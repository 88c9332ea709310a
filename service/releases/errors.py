"""What can keep a device from taking a release. Each kind has an exit code of its own, for scripts."""

from typing import ClassVar

from service.user_error import UserError


class UpdateError(UserError):
    """The device keeps what it has; the message says in one line why."""

    exit_code: ClassVar[int] = 1


class ServiceError(UpdateError):
    """The service does not answer, or refuses. Later it may not."""

    exit_code = 3


class FolderError(UpdateError):
    """The device's folder can't be written: no space, no right."""

    exit_code = 4


class ChecksumError(UpdateError):
    """What came is not what the service says that it releases."""

    exit_code = 5


class NothingToTakeError(UpdateError):
    """There is no model that the device may have: none is released, or none is left to go back to."""

    exit_code = 6


class TooNewError(UpdateError):
    """The release, or the service's answer, is of a kind that this program does not know."""

    exit_code = 7


class BusyError(UpdateError):
    """Another program updates the same folder."""

    exit_code = 8
