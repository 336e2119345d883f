"""`squadroom import agencies`: whole, again, broken, and around what the association wrote by hand."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select, update

from app.agencies import domains, operations
from app.agencies.forms import EditAgency, NewDomain
from app.agencies.importing import NotThisFile, import_file
from app.agencies.models import Agency, AgencyDomain
from app.core.audit import AuditEvent
from app.core.errors import Forbidden
from tests.agencies.files import REAL, SAMPLE, import_text, needs_real_file
from tests.world import World

HEADER = "ori9,state,agency_name,agency_type,county\n"
KALAMAZOO = "MI3943900,MI,Kalamazoo Police Department,City,Kalamazoo\n"


def agency(world: World, ori: str) -> Agency:
    with world.db.write() as session:
        return session.execute(select(Agency).where(Agency.ori == ori)).scalar_one()


def test_a_file_is_taken_as_it_stands(world: World) -> None:
    before = world.count(Agency)
    done = import_file(world.db, SAMPLE)
    assert (done.added, done.changed, done.unchanged, done.broken) == (14, 0, 0, [])
    assert world.count(Agency) == before + 14
    row = agency(world, "MI3943900")
    assert (row.name, row.short_name, row.agency_type, row.state) == ("Kalamazoo Police Department", "Kalamazoo PD", "city", "MI")
    assert (row.county, row.city, row.sworn, row.source, row.version) == ("Kalamazoo", "Kalamazoo", None, "cde", 1)


def test_odd_rows_are_taken_and_said_to_be_odd(world: World) -> None:
    done = import_file(world.db, SAMPLE)
    assert [line for line, _ in done.doubtful] == [12, 13]
    assert "two letters" in done.doubtful[0][1]
    assert agency(world, "MA014669E").name == "Agency MA014669E"
    assert agency(world, "NB0280100").name == "Valley View Police Department"
    assert agency(world, "AR0190700").short_name == "Cherry Valley PD"


def test_twice_gives_no_change(world: World) -> None:
    import_file(world.db, SAMPLE)
    with world.db.read() as conn:
        before = conn.execute(select(Agency.__table__).order_by(Agency.id)).all()
    world.later(days=1)
    again = import_file(world.db, SAMPLE)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 14)
    assert str(again).startswith("no change")
    with world.db.read() as conn:
        assert conn.execute(select(Agency.__table__).order_by(Agency.id)).all() == before


def test_only_what_differs_is_written(world: World) -> None:
    import_file(world.db, SAMPLE)
    done = import_text(
        world,
        HEADER + KALAMAZOO.replace("Kalamazoo Police", "Kalamazoo City Police") + "MI3952100,MI,Portage Police Department,City,Kalamazoo\n",
    )
    assert (done.added, done.changed, done.unchanged) == (0, 1, 1)
    changed = agency(world, "MI3943900")
    assert (changed.name, changed.short_name, changed.version) == ("Kalamazoo City Police Department", "Kalamazoo City PD", 2)
    assert agency(world, "MI3952100").version == 1


def test_a_broken_row_is_named_by_its_line_and_leaves_the_rest_in(world: World) -> None:
    done = import_text(
        world,
        HEADER + "XX,not,enough\n" + KALAMAZOO
        + "MI39,MI,Short Code,City,Kalamazoo\n"
        + "MI3952100,ZZ,Portage Police Department,City,Kalamazoo\n"
        + "MI3952200,MI,Parchment Police Department,Village,Kalamazoo\n"
        + KALAMAZOO
        + f"MI3952300,MI,{'x' * 201},City,Kalamazoo\n"
        + "MI3952400,MI,Bell\x07 Police Department,City,Kalamazoo\n"
        + "MI3952500,MI,Not\udcff Text,City,Kalamazoo\n"
        + "\n"
        + 'MI3952700,MI,"Climax Police Department,City,Kalamazoo\n'
        + "MI3952600,MI,Galesburg Police Department,City,Kalamazoo\n",
    )  # fmt: skip
    assert (done.added, done.changed, done.unchanged) == (2, 0, 0)
    assert [line for line, _ in done.broken] == [2, 4, 5, 6, 7, 8, 9, 10, 12]
    said = dict(done.broken)
    assert "3 columns and not 5" in said[2]
    assert "'MI39' is not nine" in said[4]
    assert "'ZZ' is not a state" in said[5]
    assert "'Village' is not a type" in said[6]
    assert "stands in line 3 already" in said[7]
    assert "can't be read" in said[12]
    assert agency(world, "MI3952600").short_name == "Galesburg PD"


def test_a_file_that_is_no_list_of_agencies_is_refused_whole(world: World) -> None:
    before = world.count(Agency)
    for text in ("", "name,state\nA,MI\n", "\x00\x01\x02", '"never closed'):
        with pytest.raises(NotThisFile):
            import_text(world, text)
    assert world.count(Agency) == before


def test_a_file_that_is_not_there_is_refused_in_words(world: World) -> None:
    with pytest.raises(NotThisFile, match="No such file"):
        import_file(world.db, world.folder / "nothing.csv")


def test_what_the_association_wrote_by_hand_stays(world: World) -> None:
    import_file(world.db, SAMPLE)
    row = agency(world, "MI3943900")
    admin = world.actor("admin")
    with world.db.write() as session:
        form = EditAgency(short_name="KDPS", agency_type="city", region="Southwest", sworn=228, version=row.version)
        operations.edit_agency(session, admin, row.id, form)
        domains.add_domain(session, admin, row.id, NewDomain(domain="kalamazoocity.gov", reason="Its website"))
    done = import_text(world, HEADER + KALAMAZOO.replace("Kalamazoo Police Department", "Kalamazoo Public Safety"))
    assert (done.changed, done.unchanged) == (0, 1)
    now = agency(world, "MI3943900")
    assert (now.short_name, now.region, now.sworn, now.name) == ("KDPS", "Southwest", 228, "Kalamazoo Police Department")
    assert world.count(AgencyDomain, AgencyDomain.agency_id == row.id) == 1


def test_numbers_by_hand_do_not_stop_the_file_from_renaming(world: World) -> None:
    import_file(world.db, SAMPLE)
    row = agency(world, "MI3943900")
    with world.db.write() as session:
        form = EditAgency(short_name=row.short_name, agency_type="city", region="Southwest", sworn=228, version=row.version)
        operations.edit_agency(session, world.actor("admin"), row.id, form)
    done = import_text(world, HEADER + KALAMAZOO.replace("Kalamazoo Police Department", "Kalamazoo City Police Department"))
    now = agency(world, "MI3943900")
    assert (done.changed, now.short_name, now.region, now.sworn) == (1, "Kalamazoo City PD", "Southwest", 228)


def test_an_import_stands_in_the_log(world: World) -> None:
    import_file(world.db, SAMPLE)
    row = world.one(select(AuditEvent).where(AuditEvent.verb == "agency.import"))
    assert row.actor_name == "system:import"
    assert '"added": 14' in row.detail


def test_nothing_of_a_file_is_in_if_the_log_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # R4
    before = world.count(Agency)
    with world.db.writer.begin() as conn:
        conn.exec_driver_sql("DROP TABLE audit_events" + ("" if world.db.is_sqlite else " CASCADE"))
    with pytest.raises(Exception, match="audit_events"):
        import_file(world.db, SAMPLE)
    assert world.count(Agency) == before


@needs_real_file
def test_the_real_file_comes_in_whole_and_fast(world: World) -> None:
    started = time.process_time()  # a busy machine makes the wall clock say more; alone it takes about 2 s
    done = import_file(world.db, REAL)
    assert time.process_time() - started < 10
    assert (done.added, done.broken) == (23_243, [])
    again = import_file(world.db, REAL)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 23_243)
    with world.db.write() as session:
        session.execute(update(Agency).where(Agency.ori == "MI3913900").values(county="Elsewhere"))
    assert import_file(world.db, REAL).changed == 1


def test_only_administrators_edit(world: World) -> None:
    for key in ("chief", "reviewer1", "moderator", "vendor"):
        with pytest.raises(Forbidden), world.db.write() as session:
            domains.add_domain(session, world.actor(key), world.ids.agencies["alderwood"], NewDomain(domain="a.example", reason="b"))
    assert world.count(AgencyDomain) == 0
