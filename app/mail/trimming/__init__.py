"""What of a mail its author wrote: quotes, signatures and notices are cut, and kept beside it."""
