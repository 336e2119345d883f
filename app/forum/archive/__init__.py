"""An old mailing list's archive becomes threads of a forum: files are read, messages put together to threads, and written in batches."""
