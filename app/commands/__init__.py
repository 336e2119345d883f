"""What the commands do; app/cli.py only names them. Each module imports late what it needs, so that `serve` starts at once."""
