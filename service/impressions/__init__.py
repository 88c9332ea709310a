"""What answers have shown and what users then did: remembered to count it, written to a log where that is wanted."""
