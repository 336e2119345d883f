"""What can be asked of one's own mail: the JSON shape of the contract, and the settings page's form."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.core.email import Email
from app.core.fields import Form, Reason
from app.mail.models import Detail, Level


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is not an IANA time zone, such as America/Los_Angeles")
    return name


def _not_null(value: object) -> object:
    """Leaving a part out keeps it; null would be neither."""
    if value is None:
        raise ValueError("can't be null")
    return value


Zone = Annotated[str, Field(max_length=60), AfterValidator(_known_zone)]
Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Given = BeforeValidator(_not_null)


class DigestForm(Form):
    """Any part of the digest's settings. `weekday`: Monday is 0. `paused_until`: a date, or null for no pause."""

    on: Annotated[bool | None, Given] = Field(default=None, strict=True)
    hour: Annotated[Hour | None, Given] = Field(default=None, strict=True)
    weekday: Annotated[Weekday | None, Given] = Field(default=None, strict=True)
    time_zone: Annotated[Zone | None, Given] = None
    content: Annotated[Detail | None, Given] = None
    quiet_weekend: Annotated[bool | None, Given] = Field(default=None, strict=True)
    paused_until: dt.date | None = None


class OwnDigestForm(DigestForm):
    """`sent_to`: a confirmed address of one's own, or None for the one that all other mail goes to. Only the page has it."""

    sent_to: Email | None = None


class DefaultForm(Form):
    """What holds for members of one class who chose nothing."""

    on: Literal["yes", ""] = ""
    hour: Hour
    level: Literal[Level.NONE, Level.DAILY, Level.WEEKLY]
    content: Detail
    quiet_weekend: Literal["yes", ""] = ""


class SubscriptionsForm(Form):
    """Any part of one's subscriptions."""

    digest: Annotated[DigestForm | None, Given] = None
    forums: Annotated[dict[Annotated[str, Field(max_length=60)], Level] | None, Given] = Field(default=None, max_length=500)

    @property
    def given(self) -> dict[str, object]:
        """The digest's settings that were given, by name."""
        return {} if self.digest is None else self.digest.model_dump(exclude_unset=True)


class MailForm(Form):
    """The settings page. A forum's level comes in a field `forum-SLUG`."""

    on: Literal["yes", ""] = ""
    quiet_weekend: Literal["yes", ""] = ""
    paused_until: Annotated[dt.date | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    hour: Hour
    weekday: Weekday
    time_zone: Zone
    content: Detail
    sent_to: Annotated[Email | None, BeforeValidator(lambda v: None if v == "" else v)] = None


class Lifted(Form):
    """An address to which mail is to go again."""

    email: Annotated[Email, StringConstraints(min_length=1)]


class LookForm(Form):
    """Why somebody reads a message that was written by another."""

    reason: Reason
