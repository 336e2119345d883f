"""What a message said before: for how long it may be changed, what changed, and what is struck from view."""
