"""The papers of a case, all read at once."""
