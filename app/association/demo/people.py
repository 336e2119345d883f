"""The demo's agencies, members and applicant, with a password and an authenticator for each of the cast."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.accounts import blocklist, codes, passwords, totp
from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, Authenticator, AuthenticatorKind
from app.agencies.models import Agency, AgencyDomain
from app.agencies.operations import found_by
from app.association.demo import content
from app.core.signing import Signer, new_token, token_hash
from app.mail.models import DigestSettings, DigestSlot
from app.membership.groups import ensure_groups
from app.membership.models import Application, ApplicationState, Evidence, GroupMember, Member, MemberClass, MemberRole, Role
from app.membership.roster.models import AgencyContact

ROLES = {"admin": (Role.ADMIN,), "reviewer1": (Role.REVIEWER,), "reviewer2": (Role.REVIEWER,)}
DIGEST_DUE = "sheriff"  # whose digest waits to be sent; everyone else's of today is done
STARTS = "analyst"  # who is led through the first steps still; all others have done them


@dataclass
class People:
    session: Session
    signer: Signer
    now: dt.datetime
    ids: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    agencies: dict[str, int] = field(default_factory=dict)
    _cast: list[dict[str, Any]] = field(default_factory=list)

    def build(self) -> None:
        self.groups = {str(name): group_id for name, group_id in ensure_groups(self.session).items()}
        for row in content.agencies():
            self._agency(row)
        self._names = {row["key"]: row["short_name"] for row in content.agencies()}
        for row in content.people():
            if row["key"] == "applicant":
                self._applicant(row)
            else:
                self._member(row)
        self.session.flush()
        self.session.add(AgencyContact(agency_id=self.agencies["alderwood"], member_id=self.ids["colleague"], appointed_at=self.now))

    def cast(self) -> list[dict[str, Any]]:
        return self._cast

    def note_digests(self) -> None:
        """One digest is due, the sheriff's: for all others this moment's slot is done, for the sheriff yesterday's."""
        yesterday = self.now - dt.timedelta(hours=26)
        for key, member_id in self.ids.items():
            slot = yesterday if key == DIGEST_DUE else self.now
            self.session.add(DigestSlot(member_id=member_id, slot_at=slot, made_at=slot))

    def _agency(self, row: dict[str, Any]) -> None:
        facts = {k: v for k, v in row.items() if k not in ("key", "mail_domains")}
        agency = Agency(**facts, source="demo", search_text="", updated_at=self.now)
        agency.search_text = found_by(agency)
        self.session.add(agency)
        self.session.flush()
        self.agencies[row["key"]] = agency.id
        self.session.add_all(
            AgencyDomain(agency_id=agency.id, domain=d, reason="The agency's own record", approved_at=self.now) for d in row["mail_domains"]
        )

    def _member(self, row: dict[str, Any]) -> None:
        joined = self.now - dt.timedelta(days=400)
        account = Account(email=row["email"], created_at=joined)
        self.session.add(account)
        self.session.flush()
        self.ids[row["key"]] = account.id
        self.session.add(
            Member(
                id=account.id, agency_id=self.agencies.get(row["agency"]), name=row["name"], rank=row["rank"],
                organization=row.get("organization", ""), member_class=row["member_class"], status=row["status"],
                read_before=self.now - dt.timedelta(days=14), approved_at=joined,
                start_done_at=None if row["key"] == STARTS else joined,
            )
        )  # fmt: skip
        if "own_address" in row:
            self.session.add(AccountAddress(account_id=account.id, email=row["own_address"], confirmed_at=joined))
        self.session.flush()
        self.session.add(GroupMember(member_id=account.id, group_id=self.groups[MemberClass(row["member_class"])], since=joined))
        self.session.add_all(MemberRole(member_id=account.id, role=role) for role in ROLES.get(row["key"], ()))
        password, secret = self._credentials(account) if row["cast"] else (None, None)
        if row["cast"]:
            self._add_to_cast(row, password, secret)
        else:  # nobody signs in as them: no digest, though a question that goes round may reach them
            self.session.add(DigestSettings(member_id=account.id, on=False))

    def _credentials(self, account: Account) -> tuple[str, str]:
        """A random password and an authenticator that is ready, written down nowhere but in what `demo` prints."""
        password, secret = codes.new_code(), totp.new_secret()
        account.password_hash, account.password_set_at = passwords.hashed(password), self.now
        account.blocklist_version = blocklist.current().version
        self.session.add(
            Authenticator(
                account_id=account.id, kind=AuthenticatorKind.TOTP, name="Demo authenticator", sealed_secret=totp.seal(self.signer, secret),
                confirmed_at=self.now, created_at=self.now,
            )
        )  # fmt: skip
        return password, secret

    def _applicant(self, row: dict[str, Any]) -> None:
        asked = self.now - dt.timedelta(hours=30)
        application = Application(
            state=ApplicationState.SUBMITTED,
            name=row["name"],
            rank=row["rank"],
            email=row["email"],
            agency_id=self.agencies[row["agency"]],
            member_class=row["member_class"],
            supervisor=row["supervisor"],
            reach=row["reach"],
            phone=row["phone"],
            status_token_hash=token_hash(new_token()),
            confirm_token_hash=token_hash(new_token()),
            created_at=asked,
            submitted_at=asked,
        )
        self.session.add(application)
        self.session.flush()
        self.session.add(Evidence(application_id=application.id, kind="other", note=row["statement"], created_at=asked))
        self._add_to_cast(row, None, None)

    def _add_to_cast(self, row: dict[str, Any], password: str | None, secret: str | None) -> None:
        agency = self._names.get(row["agency"], row.get("organization", ""))
        one = {"key": row["key"], "name": row["name"], "email": row["email"], "password": password, "totp_secret": secret}
        self._cast.append({**one, "member_class": row["member_class"], "agency": agency})
