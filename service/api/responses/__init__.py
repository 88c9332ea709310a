"""Answers that are no JSON of a route: `errors`, `byte_ranges` of files, and `content_negotiation`."""
