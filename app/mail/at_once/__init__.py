"""Messages that are mailed by themselves, as soon as they are posted, to whoever wants each one."""
