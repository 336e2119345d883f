"""What the mail domain of an application says to reviewers, what it asks of them, and what it does not count for."""

from __future__ import annotations

import datetime as dt
import zlib

import pytest
from sqlalchemy import select

from app.agencies.models import Agency, AgencyDomain
from app.agencies.naming import search_text
from app.membership.applications.policy import Calls
from app.membership.models import Application, Evidence
from tests.agencies.files import import_dotgov
from tests.membership.cases import CALL, REVIEW, act, case_id, decide, state_of, submitted, version_of
from tests.world import World

TOWN = "abingdon-va.gov"


def town(world: World, name: str = "Abingdon Police Department", state: str = "VA", kind: str = "city", county: str = "Washington") -> str:
    """An agency of the public register; its id."""
    ori = f"{state}{zlib.crc32(name.encode()) % 10**7:07}"
    with world.db.write() as session:
        row = Agency(
            ori=ori, name=name, short_name=name, agency_type=kind, state=state, county=county, city="",
            search_text=search_text(name, state), updated_at=world.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return str(row.id)


def check(world: World, number: int, key: str) -> tuple[str, str]:
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    return next((c["state"], c["reason"]) for c in case["checks"] if c["key"] == key)


def test_the_registry_is_set_against_the_agency(world: World) -> None:  # V4
    agency = town(world)
    number = submitted(world, email=f"r@police.{TOWN}", agency=agency)
    assert check(world, number, "gov_registry") == (
        "unknown",
        "The registry of .gov names was not imported here yet, so this is not known.",
    )
    import_dotgov(world)
    state, reason = check(world, number, "gov_registry")
    assert state == "pass"
    assert reason.startswith("abingdon-va.gov is registered to Town of Abingdon, Abingdon, VA. That fits.")
    assert "not that they work for its police" in reason
    other = submitted(world, email=f"k@{TOWN}", agency="", agency_name="Bristow Harbor Police Department", agency_state="WA")
    assert check(world, other, "gov_registry") == (
        "attention", "abingdon-va.gov is registered to Town of Abingdon, Abingdon, VA. The agency named is in Washington.",
    )  # fmt: skip
    made_up = submitted(world, email="k@abingdonva.gov", agency=agency)
    assert check(world, made_up, "gov_registry")[0] == "attention"
    assert check(world, submitted(world, email="k@abingdon.example", agency=agency), "gov_registry")[0] == "unknown"


# Mail domain, agency's name, state, kind, county: what the check says.
FITS = [
    ("landerso.gov", "Lander County Sheriff's Office", "NV", "county", "Lander", "pass"),
    ("canyoncountyid.gov", "Canyon County Sheriff's Office", "ID", "county", "Canyon", "pass"),
    ("canyoncountyid.gov", "Caldwell Police Department", "ID", "city", "Canyon", "attention"),
    ("seattle.gov", "Seattle Police Department", "WA", "city", "King", "pass"),
    ("seattle.gov", "Tacoma Police Department", "WA", "city", "Pierce", "attention"),
    ("lapd.gov", "Los Angeles Police Department", "CA", "city", "Los Angeles", "pass"),
    ("virginia.gov", "State Police: Fairfax", "VA", "state", "Fairfax", "pass"),
    ("virginia.gov", "Abingdon Police Department", "VA", "city", "Washington", "attention"),
    ("fbi.gov", "FBI Norfolk", "VA", "federal", "", "pass"),
    ("fbi.gov", "Norfolk Police Department", "VA", "city", "", "attention"),
    ("ky.gov", "State Police", "VA", "state", "", "attention"),
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_which_holder_fits_which_agency(world: World) -> None:  # V4
    import_dotgov(world)
    said = []
    for at, (domain, name, state, kind, county, _) in enumerate(FITS):
        agency = town(world, name, state, kind, county)
        said.append(check(world, submitted(world, email=f"p{at}@{domain}", name=f"Pat {at}", agency=agency), "gov_registry")[0])
    assert said == [one[-1] for one in FITS]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_old_registry_says_so(world: World) -> None:  # V4
    agency = town(world)
    import_dotgov(world, dated=world.now - dt.timedelta(days=7))
    number = submitted(world, email=f"r@{TOWN}", agency=agency)
    assert "week old" not in check(world, number, "gov_registry")[1]
    world.later(hours=1)
    assert check(world, number, "gov_registry")[1].endswith("more than a week old.")
    assert "more than a week old" in world.browser("reviewer1").get(f"/moderation/applications/{number}").text


def test_public_mail_never_counts(world: World) -> None:  # V5
    import_dotgov(world)
    number = submitted(world, email="sam.oakes@gmail.com")
    assert check(world, number, "free_domain")[0] == "attention"
    assert check(world, number, "look_alike")[0] == "pass"
    answer = act(world, "reviewer1", number, "evidence", kind="domain", note="They answered from it.")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "kind", "message": "gmail.com is a public mail service: anyone can have an address there, so it never counts."}
    ]
    browser = world.browser("reviewer1")
    page = f"/moderation/applications/{number}"
    answer = browser.post(page + "/evidence", {"version": version_of(world, number), "kind": "domain", "note": "Kept words."}, page=page)
    assert answer.status_code == 422
    assert "Kept words." in answer.text
    assert world.count(Evidence) == 0


def test_a_mail_domain_counts_on_the_agencys_record_or_where_the_registry_fits(world: World) -> None:  # V5
    import_dotgov(world)

    def counts(number: int) -> bool:
        return act(world, "reviewer1", number, "evidence", kind="domain", note="Answered from it.").status_code == 201

    assert counts(submitted(world, email=f"r@{TOWN}", agency=town(world)))
    assert not counts(submitted(world, email=f"k@{TOWN}", agency="", agency_name="Bristow Harbor PD", agency_state="WA"))
    number = submitted(world)
    assert not counts(number)
    corvane = world.ids.agencies["corvane"]
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=corvane, domain="larkspur.example", added_by=world.id("admin")))
    assert not counts(number)  # it waits for the second person
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=world.ids.agencies["alderwood"], domain="larkspur.example", approved_at=world.now))
    assert not counts(number)  # another agency's
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=corvane, domain="post.larkspur.example", approved_at=world.now))
    assert not counts(number)  # a name below it
    with world.db.write() as session:
        row = session.execute(
            select(AgencyDomain).where(AgencyDomain.agency_id == corvane, AgencyDomain.approved_at.is_(None))
        ).scalar_one()
        row.approved_at, row.approved_by = world.now, world.id("reviewer1")
    assert counts(number)


def test_a_look_alike_takes_two_calls_to_two_numbers(world: World) -> None:  # V7
    import_dotgov(world)
    agency = town(world)
    real, fake = (submitted(world, email=f"{who}@{host}", name=who, agency=agency) for who, host in (("r", TOWN), ("f", "abingd0n-va.gov")))
    assert [check(world, number, "look_alike")[0] for number in (real, fake)] == ["pass", "attention"]
    assert check(world, fake, "look_alike")[1] == (
        "abingd0n-va.gov looks like abingdon-va.gov. Call back a second time, at another number."
    )  # fmt: skip
    for number in (real, fake):  # decide() makes both ready: one call, a letter
        answer = decide(world, "reviewer1", number)
        assert (answer.status_code, state_of(world, number)) == ((201, "first_decision") if number == real else (422, "submitted"))
    assert "once more, at another number" in answer.text
    assert "once more, at another number" in world.browser("reviewer1").get(f"/moderation/applications/{fake}").text
    again = CALL | {"number": "1 " + CALL["number"]}
    assert act(world, "reviewer1", fake, "call-backs", **again).status_code == 201
    assert decide(world, "reviewer1", fake).status_code == 422  # the same number written otherwise
    assert act(world, "reviewer2", fake, "call-backs", **(CALL | {"number": "276-555-0111"})).status_code == 201
    assert decide(world, "reviewer1", fake).status_code == 201
    looks = {n: world.one(select(Application.look_alike).where(Application.id == n)).look_alike for n in (real, fake)}
    assert looks == {real: False, fake: True}  # what the database goes by


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_who_signed_before_the_name_was_known_does_not_carry_the_second(world: World) -> None:  # V7
    number = submitted(world, email="f@abingd0n-va.gov", agency=town(world))
    assert decide(world, "reviewer1", number).status_code == 201
    import_dotgov(world)
    assert decide(world, "reviewer2", number).status_code == 422
    assert state_of(world, number) == "first_decision"


def test_how_many_calls_it_takes() -> None:  # V2 V7
    def missing(*numbers: str, is_waived: bool = False, is_flagged: bool = False) -> str:
        return Calls.of(numbers, is_waived=is_waived, is_flagged=is_flagged).missing

    assert "Call the agency back, at a number" in missing()
    assert missing("276-555-0100") == missing(is_waived=True) == missing(is_waived=True, is_flagged=True) == ""
    assert "twice" in missing(is_flagged=True)
    assert "once more" in missing("276-555-0100", "(276) 555-0100", is_flagged=True)
    assert missing("276-555-0100", "276-555-0101", is_flagged=True) == ""


ODD_HOSTS = ["аbingdon-va.gov", "abingdon‑va.gov", "bücher.example", "пример.example", "abingdon-va.gov.", "ＡＢＩＮＧＤＯＮ-va.gov"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_names_in_other_letters_are_refused_or_kept_in_ascii_and_flagged(world: World) -> None:  # V6 V7
    import_dotgov(world)
    for at, host in enumerate(ODD_HOSTS):
        before = world.count(Application)
        answer = world.outsider().post("/apply", _form(world, f"p{at}@{host}"), page="/apply")
        assert answer.status_code in (200, 422), host
        if answer.status_code == 422:
            assert world.count(Application) == before
            continue
        row = world.one(select(Application.id, Application.email).order_by(Application.id.desc()).limit(1))
        assert row.email.isascii(), host
        flagged = "xn--" in row.email
        assert check(world, row.id, "look_alike")[0] == ("attention" if flagged else "pass"), (host, row.email)
    assert case_id(world, "p0@xn--bingdon-va-yqi.gov") > 0
    assert "mixes letters of several scripts" in check(world, case_id(world, "p0@xn--bingdon-va-yqi.gov"), "look_alike")[1]


def _form(world: World, address: str) -> dict[str, str]:
    from tests.membership.cases import fields

    return fields(world, email=address, name=address.partition("@")[0])
