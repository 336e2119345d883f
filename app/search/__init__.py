"""Finding again: an index of messages and files on the database's own full text, and the questions that are asked of it."""
