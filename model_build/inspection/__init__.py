"""What an artifact or a head is made of, where it came from, and how well it did."""
