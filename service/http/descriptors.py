"""The number of files and sockets that this process may open."""

try:
    import resource
except ImportError:  # not on Windows, where sockets are no descriptors
    resource = None  # type: ignore[assignment]

_PLENTY = 1 << 20


def usable_descriptors() -> int:
    """Raise the soft limit, which exists for programs that use `select`, to the hard one, and return it."""
    if resource is None:
        return _PLENTY
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _PLENTY if hard == resource.RLIM_INFINITY else min(hard, _PLENTY)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _PLENTY if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return soft
    return wanted
