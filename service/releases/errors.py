"""Errors of an update of a device. Each kind has an exit code of its own, for scripts."""

from service.user_error import UserError


class UpdateError(UserError):
    """The device keeps its model."""


class ServiceError(UpdateError):
    """The service does not answer, or refuses; a later try may succeed."""

    exit_code = 3


class FolderError(UpdateError):
    """The device's folder can't be written: no space, or no permission."""

    exit_code = 4


class ChecksumError(UpdateError):
    """A loaded file is not what the service lists."""

    exit_code = 5


class NothingToTakeError(UpdateError):
    """There is no model for the device: none is released, or none to roll back to."""

    exit_code = 6


class TooNewError(UpdateError):
    """The release, or the service's answer, has a version that this program does not know."""

    exit_code = 7


class LackingHeadError(UpdateError):
    """A head that the device has, or was asked for, is not released for the model."""

    exit_code = 9


class BusyError(UpdateError):
    """Another program is updating the same folder."""

    exit_code = 8
