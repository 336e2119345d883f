"""What a search asks of messages: all of them to make its index, and those that somebody may see to answer."""
