"""The end of a case's record: what it holds of a person goes after the membership and three years more (V13)."""
