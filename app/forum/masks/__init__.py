"""Asking and replying without one's name."""
