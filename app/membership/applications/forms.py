"""Input of an application's case: what the applicant sends, and what a reviewer does."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from app.core.email import Email
from app.core.fields import Form, Id, Line, PersonName, PlainLine, Reason
from app.membership import telephone
from app.membership.models import MemberClass, Verdict

OWN_EVIDENCE = ("domain", "letter", "roster", "sponsor", "dues", "post_id", "other")  # a call-back is recorded by its own act

_STATE = re.compile(r"[A-Z]{2}")
_PHONE = re.compile(r"[0-9+(). x/-]*", re.IGNORECASE)


def _state(text: str) -> str:
    if text and not _STATE.fullmatch(text):
        raise ValueError("must be two letters, such as WA")
    return text


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise ValueError("must be a phone number, such as 360-555-0142")
    return text


def _dialled(text: str) -> str:
    text = _phone(text)
    if not telephone.dialled(text):
        raise ValueError("must be one phone number, such as 360-555-0142 or 360-555-0142 x12")
    return text


def _ticked(text: str) -> str:
    if text != "yes":
        raise ValueError("please read the statement and tick it")
    return text


def _or_none(value: object) -> object:
    return None if value == "" else value


State = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True), AfterValidator(_state)]
Phone = Annotated[Line, StringConstraints(max_length=40), AfterValidator(_phone)]
Rank = Annotated[PlainLine, StringConstraints(max_length=100)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Ticked = Annotated[str, AfterValidator(_ticked)]
StatementVersion = Annotated[Line, StringConstraints(max_length=64)]
"""The version of the statement that stood beside the box."""


class ApplyForm(Form):
    """`agency` is a listed agency's id, or nothing: then its name and state as the applicant writes them."""

    name: PersonName
    rank: Rank = ""
    email: Email
    agency: Annotated[Id | None, BeforeValidator(_or_none)] = None
    agency_name: PlainLine = ""
    agency_state: State = ""
    member_class: MemberClass
    supervisor: PlainLine = ""
    reach: PlainLine = ""  # how the agency can be reached: whose number stands here is never the call-back's (V2)
    phone: Phone = ""
    statement: Ticked = Field(default="", validate_default=True)
    statement_version: StatementVersion = ""
    sponsor: Annotated[Email | None, BeforeValidator(_or_none)] = None
    invited: Annotated[Line, StringConstraints(max_length=100)] = ""  # the link of a member's invitation: it names that member

    @model_validator(mode="after")
    def _one_agency(self) -> ApplyForm:
        if self.agency is not None:
            self.agency_name, self.agency_state = "", ""
        return self


class ClaimForm(Form):
    version: Version


class NoteForm(Form):
    version: Version
    text: Reason


class EvidenceForm(Form):
    version: Version
    kind: Literal["domain", "letter", "roster", "sponsor", "dues", "post_id", "other"]
    note: Reason
    file_id: Annotated[Id | None, BeforeValidator(_or_none)] = None  # a file of the case, which the applicant sent
    shows_identity: bool = False  # of a file that comes with it


class CallBackForm(Form):
    """`found_at`: a web address, or a printed source. `spoke_at` without a zone is the association's time."""

    version: Version
    number: Annotated[Line, StringConstraints(min_length=1, max_length=40), AfterValidator(_dialled)]
    found_at: Annotated[Line, StringConstraints(min_length=4, max_length=500)]
    person: Annotated[Line, StringConstraints(min_length=1, max_length=200)]
    spoke_at: dt.datetime


class WaiverForm(Form):
    version: Version
    reason: Reason


class QuestionForm(Form):
    version: Version
    text: Reason


class AcceptForm(Form):
    """Whom a roster named accepts the statement by itself."""

    statement: Ticked = Field(default="", validate_default=True)
    statement_version: StatementVersion = ""


class AnswerForm(Form):
    answer: Reason


class DecisionForm(Form):
    version: Version
    verdict: Verdict
    reason: Reason
