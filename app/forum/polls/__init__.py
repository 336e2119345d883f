"""A question with choices that a thread asks its readers."""
