"""What a load run came to, for people: one page that needs nothing else, and a summary for the repository."""
