"""Files that hang on messages: seen by who sees the message."""
