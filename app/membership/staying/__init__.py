"""Staying a member: the yearly re-verification, asking who was not seen for long, and the way back for who did not answer (V11)."""
