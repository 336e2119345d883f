"""Applying: what is taken, what is answered, what is mailed, and that none of it tells who is a member."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from app.agencies.forms import NewAgency
from app.agencies.operations import create_agency
from app.core import jobs
from app.core.signing import token_hash
from app.membership.applications.limits import FROM_NETWORK, LETTERS
from app.membership.models import Application, ApplicationState, Member
from tests.membership.cases import FIELDS, apply, case_id, code_on, fields, letters, link_in, state_of, status_link, submitted, text_of
from tests.world import ORIGIN, World


def test_an_application_goes_from_the_form_to_the_reviewers(world: World) -> None:
    client = world.outsider()
    page = apply(world, client)
    assert page.status_code == 200
    application = case_id(world)
    assert state_of(world, application) == ApplicationState.UNCONFIRMED
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    seen = client.get(link)
    assert state_of(world, application) == ApplicationState.UNCONFIRMED  # looking is not confirming
    assert "Confirm my address" in seen.text
    answer = client.post(link, page=link)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(status_link(page))
    assert state_of(world, application) == ApplicationState.SUBMITTED
    assert "First reviewer" in client.get(status_link(page)).text


def test_confirming_twice_is_confirming_once(world: World) -> None:
    application = submitted(world)
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    client = world.outsider()
    assert client.post(link, page=link).status_code == 303
    assert state_of(world, application) == ApplicationState.SUBMITTED


def test_the_code_is_shown_once_and_stored_hashed(world: World) -> None:
    page = apply(world)
    code = code_on(page)
    assert re.fullmatch(r"([A-Z2-7]{4}-){4}[A-Z2-7]{4}", code)  # 100 bits
    row = world.one(select(Application.enrolment_code_hash, Application.status_token_hash, Application.confirm_token_hash))
    assert row.enrolment_code_hash == token_hash(code.replace("-", ""))
    assert row.status_token_hash == token_hash(status_link(page).rpartition("/")[2])
    assert code not in text_of(letters(world, FIELDS["email"])[0])


def test_the_mailed_token_is_not_on_the_page(world: World) -> None:  # V9
    page = apply(world)
    token = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/").rpartition("/")[2]
    assert len(token) >= 22
    assert token not in page.text + str(page.headers)


def neutral(page: str, address: str) -> str:
    """A page without what differs from one request to the next."""
    page = page.replace(address, "ADDRESS")
    page = re.sub(r'(nonce|content|value|hx-headers:inherited|data-csrf)=("[^"]*"|\'[^\']*\')', r"\1", page)
    return re.sub(r"[\w-]{20,}", "TOKEN", page)


def test_nobody_learns_who_is_a_member_or_has_applied(world: World) -> None:  # A15
    submitted(world, email="waiting@larkspur.example")
    seen = []
    for address in ("chief@alderwood.example", "suspended@corvane.example", "waiting@larkspur.example", "nobody@larkspur.example"):
        answer = apply(world, email=address)
        later = world.outsider().get(status_link(answer))  # the status page's link works alike
        headers = {k: v for k, v in answer.headers.items() if k not in ("content-security-policy", "set-cookie", "content-length")}
        seen.append((answer.status_code, headers, neutral(answer.text, address), later.status_code, neutral(later.text, address)))
    assert seen[0][0] == 200
    assert all(one == seen[3] for one in seen)
    assert "already a member" in str(letters(world, "chief@alderwood.example")[0]["Subject"])
    assert "/apply/confirm/" in text_of(letters(world, "nobody@larkspur.example")[0])


def test_a_members_address_can_not_be_confirmed_again(world: World) -> None:
    apply(world, email="chief@alderwood.example")
    assert "/apply/confirm/" not in letters(world, "chief@alderwood.example")[0].as_string()
    assert state_of(world, case_id(world, "chief@alderwood.example")) == ApplicationState.UNCONFIRMED


@pytest.mark.parametrize(
    "hostile",
    [
        {
            "name": "Dana O'Zwicky",
            "rank": "Chief Zwicky",
            "supervisor": "Zwicky",
            "agency": "",
            "agency_name": "Zwicky PD",
            "agency_state": "CS",
        },
        {"name": "Zwicky {{7*7}} %(token)s ${HOME}"},
        {"name": "Zwicky evil.example/win"},
    ],
    ids=["mild", "template", "link"],
)
def test_the_letter_holds_nothing_the_applicant_wrote(world: World, hostile: dict[str, str]) -> None:  # V9
    apply(world, email="plain@larkspur.example")
    apply(world, email="other@larkspur.example", subject="Zwicky", body="Zwicky", **hostile)

    def fixed(address: str) -> tuple[str, str]:
        letter = letters(world, address)[0]
        whole = letter.as_bytes().decode()
        assert "Zwicky" not in whole
        assert "evil.example" not in whole
        return str(letter["Subject"]), re.sub(r"/apply/confirm/[\w-]+", "LINK", text_of(letter))

    assert fixed("plain@larkspur.example") == fixed("other@larkspur.example")


@pytest.mark.parametrize("field", ["name", "rank", "supervisor"])
@pytest.mark.parametrize(
    "text", ["Zwicky\r\nBcc: v@evil.example", "Zwicky https://evil.example/win", "<a href='https://evil.example'>Zwicky</a>"]
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_no_name_is_refused_and_kept_in_the_form(world: World, field: str, text: str) -> None:  # V9
    answer = apply(world, **{field: text})
    assert answer.status_code == 422
    assert text.partition("\r")[0] in html.unescape(answer.text)
    assert not letters(world, FIELDS["email"])


def test_the_form_says_what_is_missing(world: World) -> None:
    client = world.outsider()
    answer = client.post("/apply", {"name": " ", "email": "x"}, page="/apply")
    assert answer.status_code == 422
    for name in ("name", "email", "member_class", "statement"):
        assert f'id="{name}-error"' in answer.text, name
    answer = apply(world, agency="")
    assert answer.status_code == 422
    assert "write its name" in answer.text
    answer = apply(world, agency="999999")
    assert answer.status_code == 422


def test_an_agency_is_found_without_javascript_and_the_rest_is_kept(world: World) -> None:
    client = world.outsider()
    page = client.get("/apply?agency_q=bexley")
    assert f'name="agency" value="{world.ids.agencies["bexley"]}"' in page.text
    answer = client.post("/apply/find", fields(world, agency="", agency_q="alderwood"), page="/apply")
    assert answer.status_code == 200
    assert f'value="{world.ids.agencies["alderwood"]}"' in answer.text
    assert 'value="Hollis Crane"' in answer.text
    assert world.count(Application) == 0


@pytest.fixture
def quarries(world: World) -> list[str]:
    """Agencies of the public list, more than a page or two, and one that is on no list."""
    with world.db.write() as session:
        admin = world.actor("admin")
        for n in range(23):
            form = NewAgency(name=f"Quarry {n:02} Police Department", agency_type="city", state="CS", ori=f"CS9{n:06}")
            create_agency(session, admin, form)
        create_agency(session, admin, NewAgency(name="Quarry Campus Police", agency_type="university", state="CS"))
    return [f"Quarry {n:02} Police Department" for n in range(23)]


def _choices(page: str) -> list[str]:
    return re.findall(r'name="agency" value="[0-9]+"[^>]*> <span>([^<]+)<', page)


def _after(page: str) -> str:
    found = re.search(r'name="agency_after" value="([^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("way", ["address", "button", "script"])
def test_the_next_ten_agencies_follow_without_javascript_and_with_it(world: World, quarries: list[str], way: str) -> None:
    client = world.outsider()
    page = client.get("/apply?agency_q=quarry").text
    seen = [_choices(page)]
    while after := _after(page):
        if way == "address":
            page = client.get(f"/apply?agency_q=quarry&agency_after={after}").text
        else:
            values = fields(world, agency="") | {"agency_q": "quarry", "agency_after": after, "csrf": client.csrf("/apply")}
            headers = {"origin": ORIGIN} | ({"hx-request": "true"} if way == "script" else {})
            page = client.request("POST", "/apply/find", data=values, headers=headers).text
            assert ('value="Hollis Crane"' in page) == (way == "button")  # the rest of the form is kept, or was never sent
        seen.append(_choices(page))
        assert 'tabindex="-1" autofocus' in page
    assert [len(ten) for ten in seen] == [10, 10, 3]
    assert [name for ten in seen for name in ten] == quarries


def test_going_on_in_the_list_keeps_the_choice_and_tells_nothing_of_members(world: World, quarries: list[str]) -> None:
    def second(**values: str) -> str:
        client = world.outsider()
        after = _after(client.get("/apply?agency_q=cs").text)
        assert after
        return client.post("/apply/find", fields(world, agency_q="cs", agency_after=after, **values), page="/apply").text

    chosen = second(agency=str(world.ids.agencies["bexley"]))
    assert f'value="{world.ids.agencies["bexley"]}" checked' in chosen
    before = _choices(second(agency=""))
    with world.db.write() as session:
        session.execute(Member.__table__.update().values(agency_id=None))
    assert _choices(second(agency="")) == before
    assert len(before) == 10


@pytest.mark.parametrize("after", ["x", "W10", "%F0%9F%9A%93", "a" * 5000])
def test_a_place_in_the_list_that_was_made_up_shows_the_first_ten(world: World, quarries: list[str], after: str) -> None:
    page = world.outsider().get(f"/apply?agency_q=quarry&agency_after={after}")
    assert (page.status_code, _choices(page.text)) == (200, quarries[:10])


def test_the_search_tells_nothing_of_members(world: World) -> None:
    page = world.outsider().get("/apply?agency_q=cs")
    assert "Alderwood" in page.text  # there is something to find
    for word in ("Marchetti", "member", "Okafor"):
        assert word not in page.text.partition('id="agency-choices"')[2].partition("</fieldset>")[0]


def test_an_address_gets_few_letters_a_day_and_the_page_does_not_tell(world: World) -> None:  # V9
    answers = [apply(world) for _ in range(LETTERS + 2)]
    assert {a.status_code for a in answers} == {200}
    assert len(letters(world, FIELDS["email"])) == LETTERS
    world.later(hours=25)
    apply(world)
    assert len(letters(world, FIELDS["email"])) == LETTERS + 1


def test_a_network_can_not_send_without_end(world: World) -> None:  # V9
    for n in range(FROM_NETWORK):
        assert apply(world, email=f"a{n}@larkspur.example").status_code == 200
    answer = apply(world, email="one.more@larkspur.example")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert not letters(world, "one.more@larkspur.example")
    world.later(minutes=61)
    assert apply(world, email="one.more@larkspur.example").status_code == 200


def test_the_status_page_shows_no_address_and_no_phone(world: World) -> None:
    page = apply(world)
    seen = world.outsider().get(status_link(page))
    assert "confirm your address" in seen.text
    for secret in (FIELDS["email"], FIELDS["phone"], FIELDS["name"]):
        assert secret not in seen.text
    assert world.outsider().get(status_link(page)[:-2] + "xx").status_code == 404


def test_withdrawing_ends_the_case_and_the_page_dies_after_30_days(world: World) -> None:
    client = world.outsider()
    page = apply(world, client)
    link = status_link(page)
    assert client.post(link + "/withdraw", {"withdraw": "yes"}, page=link).status_code == 303
    assert state_of(world, case_id(world)) == ApplicationState.WITHDRAWN
    assert "Withdrawn by you" in client.get(link).text
    world.later(days=29, hours=23)
    assert client.get(link).status_code == 200
    world.later(hours=2)
    assert client.get(link).status_code == 404


def test_an_address_that_nobody_confirms_lapses(world: World) -> None:
    apply(world)
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    world.later(days=3, minutes=1)
    client = world.outsider()
    assert client.post(link, page=link).status_code == 409
    assert jobs.run_due(world.db) >= 1
    assert state_of(world, case_id(world)) == ApplicationState.EXPIRED


def test_a_form_from_another_site_is_refused(world: World) -> None:  # A14
    client = world.outsider()
    token = client.csrf("/apply")
    answer = client.request("POST", "/apply", data=fields(world) | {"csrf": token}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    answer = client.request("POST", "/apply", data=fields(world), headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert world.count(Application) == 0
