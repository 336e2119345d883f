"""Sponsors: who is named by an applicant, what they answer, and what that counts for. Invitations, which name one."""
