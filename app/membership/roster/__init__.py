"""An agency's contact, and the roster: once a year, and when a reviewer asks, the contact says who still works there (V10)."""
