"""Messages that members report, and what moderators decide."""
