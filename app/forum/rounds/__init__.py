"""A question's rounds: who is asked it once and once more, and what came of it."""
