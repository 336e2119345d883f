"""Taking back what was posted a moment ago."""
