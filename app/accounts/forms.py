"""What the pages of accounts take. A password is taken as it was typed: no trimming, no limit that would cut it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.accounts.passwords import MAX_LENGTH
from app.core.fields import Form, Name

Password = Annotated[str, StringConstraints(min_length=1, max_length=4 * MAX_LENGTH)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SignIn(Form):
    email: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    password: Password
    consent: str = ""


class Factor(Form):
    code: Code


Credential = Annotated[str, StringConstraints(max_length=20_000)]
"""A device's answer, as its browser wrote it down."""


class ShowPasskey(Form):
    credential: Credential = ""
    consent: str = ""


class AddPasskey(Form):
    name: Annotated[Name, StringConstraints(max_length=100)]
    credential: Credential = ""


class NewName(Form):
    name: Annotated[Name, StringConstraints(max_length=100)]


class Enrol(Form):
    enrolment_code: Annotated[str, StringConstraints(max_length=100)] = ""
    password: Password


class NewPassword(Form):
    new_password: Password


class ChangePassword(Form):
    current_password: Password
    new_password: Password


class NewAuthenticator(Form):
    name: Annotated[Name, StringConstraints(max_length=100)]


class NewToken(Form):
    name: Annotated[Name, StringConstraints(max_length=100)]
    scope: Literal["read", "read,write"] = "read"
    days: Annotated[int, Field(ge=1, le=90)] = 30
