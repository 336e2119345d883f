"""`squadroom import dotgov`: whole, again, what left the file, and files that are something else."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from app.agencies.dotgov.importing import NotThisFile
from app.agencies.dotgov.models import GovDomain, GovRegistry
from app.core.audit import AuditEvent
from tests.agencies.files import DOTGOV, REAL_DOTGOV, import_dotgov, needs_real_registry
from tests.world import World

SLIM = "Domain name,Domain type,Organization name,Suborganization name,City,State\n"
ABINGDON = "abingdon-va.gov,City,Town of Abingdon,,Abingdon,VA\n"
BRISTOL = "bristolva.gov,City,City of Bristol,,Bristol,VA\n"


def stands(world: World) -> dict[str, tuple[str, str, str, str, str]]:
    with world.db.read() as conn:
        rows = conn.execute(select(GovDomain.__table__).order_by(GovDomain.domain)).all()
    return {row.domain: (row.domain_type, row.organization, row.suborganization, row.city, row.state) for row in rows}


def version(world: World) -> int:
    return int(world.one(select(GovRegistry.version)).version)


def test_the_file_is_taken_as_cisa_publishes_it(world: World) -> None:  # V4
    done = import_dotgov(world, dated=world.now - dt.timedelta(days=2), commit="4f1c2d")
    assert (done.added, done.changed, done.removed, done.broken) == (51, 0, 0, [])
    assert stands(world)["fbi.gov"] == (
        "Federal - Executive", "Department of Justice", "Federal Bureau of Investigation", "Washington", "DC",
    )  # fmt: skip
    row = world.one(select(GovRegistry.dated, GovRegistry.commit, GovRegistry.imported_at, GovRegistry.size))
    assert row == (world.now - dt.timedelta(days=2), "4f1c2d", world.now, 51)
    assert '"added": 51' in world.one(select(AuditEvent).where(AuditEvent.verb == "dotgov.import")).detail


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_twice_gives_no_change_but_a_newer_date(world: World) -> None:
    import_dotgov(world)
    before, first = stands(world), version(world)
    world.later(days=1)
    done = import_dotgov(world)
    assert (done.added, done.changed, done.unchanged, done.removed) == (0, 0, 51, 0)
    assert (stands(world), version(world)) == (before, first)
    assert world.one(select(GovRegistry.dated)).dated == world.now


def test_what_left_the_file_leaves_the_table(world: World) -> None:
    import_dotgov(world, SLIM + ABINGDON + BRISTOL)
    done = import_dotgov(world, SLIM + ABINGDON.replace("Town of", "The Town of"), may_shrink=True)
    assert (done.added, done.changed, done.removed) == (0, 1, 1)
    assert stands(world) == {"abingdon-va.gov": ("City", "The Town of Abingdon", "", "Abingdon", "VA")}
    assert version(world) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_file_that_was_cut_off_changes_nothing(world: World) -> None:
    import_dotgov(world)
    with pytest.raises(NotThisFile, match="50 of 51 names"):
        import_dotgov(world, SLIM + ABINGDON)
    assert len(stands(world)) == 51


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_broken_rows_are_named_by_line_and_what_stands_of_them_stays(world: World) -> None:
    import_dotgov(world, SLIM + ABINGDON + BRISTOL)
    done = import_dotgov(
        world,
        SLIM + "abingdon-va.gov,City,Town\n" + BRISTOL + BRISTOL + "example.com,City,A,,B,VA\n"
        + 'x.gov,City,"never closed,,B,VA\n' + "\n" + f"y.gov,City,{'A' * 301},,B,VA\n" + "z.gov,City,A\x07,,B,VA\n"
        + ABINGDON.replace("VA", "Va."),
    )  # fmt: skip
    assert [line for line, _ in done.broken] == [2, 4, 5, 6, 8, 9, 10]
    said = dict(done.broken)
    assert "3 columns and not 6" in said[2]
    assert "stands in an earlier line" in said[4]
    assert "'example.com' is not a name that ends in .gov" in said[5]
    assert "can't be read" in said[6]
    assert "its organization is too long" in said[8]
    assert "its state is too long" in said[10]
    assert stands(world) == {
        "abingdon-va.gov": ("City", "Town of Abingdon", "", "Abingdon", "VA"),
        "bristolva.gov": ("City", "City of Bristol", "", "Bristol", "VA"),
    }


NOT_THE_REGISTRY = {
    "wrong columns": ("mail,who\nx,y\n", "no column “Domain name”"),
    "nothing": ("", "no column"),
    "only a header": (SLIM, "names no .gov domain"),
    "latin-1": ((SLIM + ABINGDON + "canon.gov,City,Cañon City,,Cañon City,CO\n").encode("latin-1"), "Line 3 is not UTF-8"),
    "utf-16": ((SLIM + ABINGDON).encode("utf-16"), "Line 1 is not UTF-8"),
    "an agencies file": ("ori9,state,agency_name,agency_type,county\nMI3943900,MI,Kalamazoo,City,Kalamazoo\n", "no column"),
    "a page": ("<!doctype html><title>Not found</title>", "no column"),
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_no_registry_is_refused_in_words_and_changes_nothing(world: World) -> None:
    import_dotgov(world)
    before = stands(world)
    for what, said in NOT_THE_REGISTRY.values():
        with pytest.raises(NotThisFile, match=said):
            import_dotgov(world, what, may_shrink=True)
    with pytest.raises(NotThisFile, match="No such file"):
        import_dotgov(world, Path("nothing.csv"))
    with pytest.raises(NotThisFile, match="yet to come"):
        import_dotgov(world, dated=world.now + dt.timedelta(days=1))
    assert stands(world) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_byte_order_mark_windows_line_ends_and_capitals_do_no_harm(world: World) -> None:
    text = ("\ufeff" + SLIM + ABINGDON.replace("abingdon-va.gov", "ABINGDON-VA.GOV")).replace("\n", "\r\n")
    assert import_dotgov(world, text).added == 1
    assert list(stands(world)) == ["abingdon-va.gov"]
    older = "Domain Name,Domain Type,Organization Name,City,State,Security Contact Email\n"
    assert import_dotgov(world, older + "abingdon-va.gov,City,Town of Abingdon,Abingdon,VA,(blank)\n").unchanged == 1


@needs_real_registry
def test_the_real_registry_comes_in_whole_and_fast(world: World) -> None:
    started = time.process_time()  # alone it takes about 1.5 s
    assert import_dotgov(world, REAL_DOTGOV).added == 16_539
    assert time.process_time() - started < 8
    assert import_dotgov(world, REAL_DOTGOV).unchanged == 16_539


def test_the_sample_has_the_columns_of_the_published_file() -> None:
    assert DOTGOV.read_text().splitlines()[0] == SLIM.strip() + ",Security contact email"
