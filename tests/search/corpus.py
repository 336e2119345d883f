"""Some hundred messages in the shape of a real forum, and the questions that are asked of them: the same on both engines."""

from __future__ import annotations

import datetime as dt
import random
from itertools import product

from sqlalchemy.orm import Session

from app.forum.markings import Marking
from app.forum.masks.byline import MASKED
from app.forum.models import FROM_ARCHIVE, Reply, Thread, ThreadReader
from app.membership import nobodies
from app.search import indexing
from tests.people import CAST, NOW
from tests.world import World

TITLES = (
    "Body-worn camera policy for small agencies", "Hiring laterals without losing half the class", "Redaction in two hours, not two days",
    "Vehicle pursuit reviews by two captains", "Drone program: what it cost us", "School resource officers and the new statute",
    "Overtime at county fairs", "Records requests for body camera footage", "Cold property calls by telephone", "Muñoz grant, second round",
    "Wellness checks for dispatchers", "Jail transport with one deputy", "Has anyone outsourced evidence storage?", "Radio dead spots",
    "Alarm ordinance: fines that work", "K-9 vehicles left running", "The sheriff's citizens' academy", "Crash reports online",
    "License plate readers and retention", "Taser certification lapses", "Body cameras in interview rooms", "Policy on off-duty jobs",
)  # fmt: skip
SENTENCES = (
    "We cut the time for redaction from 41 days to 6.", "The policy says that cameras stay on until the scene is cleared.",
    "Our county pays half of the overtime, and the fair board the rest.", "Nobody had asked the prosecutor about audio.",
    "Two officers left within a year of hiring.", "The vendor's storage ran full in March, so we bought our own.",
    "Has anyone tried a phone desk for burglary reports?", "Training took 14 hours a week for nine weeks.",
    "**Costs** were under $5,000, without the radios.", "Ask the council before the drone flies, not afterwards.",
    "We use body-worn cameras on every shift.", "The body was found in a worn-out vehicle.",
    "Dispatchers were tired; retention is up since.",
    "See [the order](https://alderwood.example/orders/7.pdf) for the wording.", "Chief Muñoz's letter to the academy settled it.",
    "A camera without a policy is worse than no camera.", "License plate hits are kept for 30 days.", "It was denied, then approved.",
    "Pursuits dropped by a third after the review board met.", "The school district signs the agreement each August.",
    "Deputies transport one prisoner at a time.", "Alarms: the third false one costs $100.", "I would do it again, with changes.",
)  # fmt: skip
AUTHORS = ("chief", "colleague", "sheriff", "analyst", "moderator", "reviewer2", "other_moderator")
FORUMS = ("patrol", "command-staff", "notices")
KINDS = ("lesson", "question", "discussion", "notice")


def fill(world: World) -> None:
    """66 threads over three years: some TLP:RED, some masked, some of an archive, some messages hidden; then the index is made."""
    by = random.Random(6)
    with world.db.write() as session:
        nobody, archive = nobodies.row_of(session, nobodies.MASKED), nobodies.row_of(session, nobodies.LIST_ARCHIVE)
        for number in range(66):
            _thread(session, world, by, number, (nobody, archive))
    indexing.everything(world.db)


def _thread(session: Session, world: World, by: random.Random, number: int, nobodys: tuple[int, int]) -> None:
    at = NOW - dt.timedelta(days=1080 - 16 * number, hours=number % 7)
    who, slug, kind = by.choice(AUTHORS), FORUMS[number % 3], KINDS[number % 4]
    marking = Marking.RED if number % 11 == 5 else Marking.AMBER if slug == "command-staff" else Marking.GREEN
    thread = Thread(
        forum_id=world.ids.forums[slug], kind=kind, title=TITLES[number % len(TITLES)], marking=marking, created_at=at, last_reply_at=at,
        last_reply_by=world.id(who), **{k: v for k, v in _by(world, who, number, nobodys).items() if k in Thread.__table__.c},
    )  # fmt: skip
    session.add(thread)
    session.flush()
    if marking is Marking.RED:
        session.add(ThreadReader(thread_id=thread.id, member_id=world.id("colleague")))
    for position in range(by.randint(1, 9)):
        written = by.choice(AUTHORS) if position else who
        body = " ".join(by.sample(SENTENCES, by.randint(1, 4)))
        values = _by(world, written, number if position < 2 else 1, nobodys)
        hidden = at if by.random() < 0.08 and position else None
        when = at + dt.timedelta(hours=3 * position)
        session.add(
            Reply(thread_id=thread.id, position=position, body=body, html="<p></p>", created_at=when, hidden_at=hidden, **values)
        )  # fmt: skip
        thread.last_position, thread.last_reply_at = position, when
    if kind == "question" and number % 8 == 1 and thread.last_position:
        thread.answer_position = 1


def _by(world: World, who: str, number: int, nobodys: tuple[int, int]) -> dict[str, object]:
    person = CAST[who]
    if number % 10 == 9:
        return {"author_id": nobodys[0], "author_class": MASKED, "author_agency": "somebody at a small agency", "mask": 1}
    if number % 10 == 4:
        return {"author_id": nobodys[1], "author_class": FROM_ARCHIVE, "author_agency": "Jane Q. Doe"}
    agency = world.ids.agencies[person.agency]
    return {
        "author_id": world.id(who), "author_class": person.member_class, "author_agency": person.agency, "author_agency_id": agency,
        "mask": 0,
    }  # fmt: skip


_WORDS = [
    "camera",
    "cameras",
    "policy",
    "policies",
    "redaction",
    "hiring",
    "hired",
    "vehicle",
    "drone",
    "overtime",
    "county",
    "records",
    "dispatchers",
    "dispatch",
    "transport",
    "deputy",
    "evidence",
    "storage",
    "radio",
    "alarm",
    "alarms",
    "sheriff",
    "sheriffs",
    "academy",
    "crash",
    "license",
    "plate",
    "retention",
    "body",
    "worn",
    "officers",
    "training",
    "trained",
    "costs",
    "$5,000",
    "Muñoz",
    "munoz",
    "MUÑOZ's",
    "41",
    "approved",
    "denied",
    "review",
    "reviews",
    "prosecutor",
    "nothing-of-the-kind",
    "zzzz",
    "the",
    "and",
]
_PHRASES = (
    '"body-worn cameras"', "body-worn", '"camera policy"', '"policy camera"', '"the policy says"', '"half of the overtime"', '"plate hits"',
    '"two officers left"', '"with changes"', '"third false one"', '"council before"', '"no such phrase"', '"the order"', '"orders 7"',
    '"academy settled it" chief', '"redaction in two hours"', "“school district”", '"it was denied then approved"',
)  # fmt: skip
_MINUS = (
    "camera -policy", "policy -camera", 'camera -"without a policy"', "body -worn", "county -overtime -fair", "vehicle -body", "the -the",
    'alarm -"third false"', "chief -munoz", "review -pursuits", "training -costs", "officers -hiring -school",
)  # fmt: skip
OPERATORS = (
    "from:okafor", "from:ellen", 'from:"tom reyes"', "from:jane", 'from:"jane doe"', "from:me", "from:nobodyatall", "agency:alderwood",
    'agency:"bexley county"', "state:CS", "state:TX", "forum:patrol", "forum:notices", "forum:patrol forum:notices", "kind:lesson",
    "kind:question", "kind:lessons kind:notice", "size:<25", "size:25-49", "size:100+", "before:2025", "before:2025-06-15", "after:2026-03",
    "after:2025-01-01 before:2025-07", "has:attachment", "is:unanswered", "is:unread", "after:2031",
)  # fmt: skip
_BOTH = [f"{word} {operator}" for word, operator in product(("policy", "the cameras", '"we use" -school', "county"), OPERATORS)]
QUERIES = [*_WORDS, *_PHRASES, *_MINUS, *OPERATORS, *_BOTH, "camera policy", "redaction prosecutor audio", "overtime county fair board"]
