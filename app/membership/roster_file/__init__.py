"""The association's own list of people, as a file: shown first, applied in one transaction, undone by one command.
It never makes a member."""
