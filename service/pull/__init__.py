"""The model over the air: what is released to devices, and how a device takes it."""
