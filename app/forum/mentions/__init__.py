"""Members and agencies that a message names."""
