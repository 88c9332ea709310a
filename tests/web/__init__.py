"""The device library in `web/` must give the service's answers."""
