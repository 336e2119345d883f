"""What an operation may refuse with. web/ turns each into a page or a problem document; the CLI into one line."""

from __future__ import annotations


class Refusal(Exception):
    """The base of all that is refused on purpose."""

    status = 400
    title = "That did not work"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.title)
        self.message = message or self.title


class NotFound(Refusal):
    """What isn't there, and what the person may not see: the two are not told apart."""

    status, title = 404, "Nothing is here"


class Forbidden(Refusal):
    """The person may see it and may not do this to it."""

    status, title = 403, "You may not do that"


class Conflict(Refusal):
    """Somebody else changed it first, or it is in a state in which this can't be done."""

    status, title = 409, "It has changed meanwhile"


class TooMany(Refusal):
    """A limit on tries was reached; `retry_after` is in seconds."""

    status, title = 429, "Too many tries"

    def __init__(self, message: str = "", retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Invalid(Refusal):
    """Input that can't be taken: a message for each field (the empty name stands for the whole form)."""

    status, title = 422, "Please check what you entered"

    def __init__(self, errors: dict[str, str] | None = None, **fields: str) -> None:
        self.errors = {**(errors or {}), **fields}
        super().__init__(next(iter(self.errors.values()), self.title))
