"""Mail that members send in. `words.py` reads a message's text, `trim.py` finds in it what its author wrote."""
