"""What may be entered about an agency."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from app.agencies.addresses.public_mail import public_mail_service
from app.agencies.facts import ori_problem
from app.agencies.models import AgencyType
from app.core.fields import Form, Id, Line, Name, Reason

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def _domain(value: str) -> str:
    """A mail domain in ASCII and lower case; people also paste an address or a leading @."""
    value = value.strip().rstrip(".").lower().rpartition("@")[2]
    try:
        value = value.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("must be a mail domain such as alderwoodpd.gov") from None
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError("must be a mail domain such as alderwoodpd.gov")
    if public_mail_service(value):
        raise ValueError("is a public mail service: everyone can have an address there")
    return value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _upper(value: str) -> str:
    return value.upper()


Count = Annotated[Annotated[int, Field(ge=0, le=100_000_000)] | None, BeforeValidator(_blank_is_none)]
ShortName = Annotated[Name, StringConstraints(max_length=100)]
Region = Annotated[Line, StringConstraints(max_length=100)]
State = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{2}$"), AfterValidator(_upper)]


class Facts(Form):
    """What the association may say of an agency in its own words."""

    short_name: ShortName
    agency_type: AgencyType
    region: Region = ""
    sworn: Count = None
    civilian: Count = None
    population: Count = None


class EditAgency(Facts):
    version: Annotated[int, Field(ge=1, le=2**31)]


class NewAgency(Facts):
    """An agency that is in no file. The short name is made from the name where none is given."""

    name: Name
    short_name: Annotated[Line, StringConstraints(max_length=100)] = ""
    state: State
    ori: Annotated[Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True)] | None, BeforeValidator(_blank_is_none)] = None
    county: Line = ""
    city: Annotated[Line, StringConstraints(max_length=100)] = ""

    @field_validator("ori")
    @classmethod
    def _fits(cls, ori: str | None, info: ValidationInfo) -> str | None:
        problem = ori_problem(ori, info.data["state"]) if ori and "state" in info.data else ""
        if problem:
            raise ValueError(problem)
        return ori


class NewDomain(Form):
    domain: Annotated[str, StringConstraints(max_length=300), AfterValidator(_domain)]
    reason: Reason


class ApproveDomain(Form):
    how: Reason  # another name than the other forms' on the same page


class RemoveDomain(Form):
    why: Reason  # another name than the other form's on the same page


Version = Annotated[int, Field(ge=1, le=2**31)]


class RenameForm(Form):
    name: Name
    short_name: ShortName
    until: dt.date
    reason: Reason
    version: Version


class DissolveForm(Form):
    dissolved_on: dt.date
    successor: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=9)] = ""
    why: Reason
    version: Version


class ReviveForm(Form):
    why: Reason


class MergeForm(Form):
    into: Id
    reason: Reason
