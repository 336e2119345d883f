"""Searches that a member keeps, and what they find anew: in the digest, or told at once."""
