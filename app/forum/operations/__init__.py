"""What can be done in the forum. Each verb takes the Actor, requires, writes, and leaves a row in the log."""
