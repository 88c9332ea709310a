"""What the device library in `web/` must do: as the service does."""
