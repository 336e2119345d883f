"""The log's chain: what was sealed can't be changed, deleted, reordered or cut off without being found. Both engines."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.core.audit import AuditEvent, AuditLink
from app.core.audit_chain import AuditBroken, AuditHead, seal, unsealed, verify, verify_fully
from app.core.audit_chain.triggers import APPEND_ONLY
from app.core.config import Settings
from app.core.signing import Signer
from tests.core.chain import do_seal, problems, tamper, write
from tests.world import World


def test_rows_are_sealed_once_and_verify(log: World) -> None:  # R3
    assert do_seal(log) == 0
    write(log, 3)
    found = verify_fully(log.db, log.platform.signer, log.settings)
    assert (found.rows, found.waiting, found.problems, found.checkpoints) == (12, 3, [], 1)
    assert found.sealed_to == log.now
    assert do_seal(log) == 3
    assert unsealed(log.db) == 0
    assert problems(log) == []


# R3: every column of a row, changed in every way that its type allows
CHANGES = {
    "id": ["id = 900"],
    "at": ["at = '2026-11-23 16:00:00.010000'", "at = '2020-01-01 00:00:00'"],
    "verb": ["verb = 'thing.undone'", "verb = 'thing.done '"],
    "outcome": ["outcome = 'denied'"],
    "actor_id": ["actor_id = 7"],
    "actor_name": ["actor_name = 'system:tesu'"],
    "subject_kind": ["subject_kind = ''"],
    "subject_id": ["subject_id = 99", "subject_id = NULL"],
    "address": ["address = '192.0.2.8'"],
    "session_id": ["session_id = 6", "session_id = NULL"],
    "request_id": ["request_id = ''"],
    "detail": ["detail = '{}'", "detail = replace(detail, 'a', 'A')"],
}


def test_every_column_is_in_the_list_of_changes() -> None:
    assert set(CHANGES) == set(AuditEvent.__table__.c.keys())


@pytest.mark.parametrize("change", [c for changes in CHANGES.values() for c in changes])
def test_a_changed_column_is_found(log: World, change: str) -> None:  # R3
    tamper(log, f"UPDATE audit_events SET {change} WHERE id = 5")
    found = problems(log)
    assert len(found) == 1
    assert "row 5 " in found[0]


@pytest.mark.parametrize("row", [1, 2, 7, 11, 12])  # ends, their neighbours, and one between
def test_a_deleted_row_is_found(log: World, row: int) -> None:  # R3
    tamper(log, f"DELETE FROM audit_events WHERE id = {row}")
    assert problems(log) == [f"row {row} was deleted (place {row})"]


@pytest.mark.parametrize("row", [1, 2, 7, 11, 12])  # ends, their neighbours, and one between
def test_a_row_deleted_with_its_link_is_found(log: World, row: int) -> None:  # R3
    tamper(log, f"DELETE FROM audit_events WHERE id = {row}", f"DELETE FROM audit_links WHERE event_id = {row}")
    assert problems(log) != []


def test_two_rows_that_change_places_are_found(log: World) -> None:  # R3
    tamper(
        log, "UPDATE audit_links SET event_id = -1 WHERE seq = 4", "UPDATE audit_links SET event_id = 4 WHERE seq = 8",
        "UPDATE audit_links SET event_id = 8 WHERE seq = 4",
    )  # fmt: skip
    assert [p.split(" (")[0] for p in problems(log)] == ["row 8 is not what was sealed", "row 4 is not what was sealed"]


def test_rows_that_change_their_content_are_found(log: World) -> None:  # R3
    tamper(log, "UPDATE audit_events SET id = -1 WHERE id = 4", "UPDATE audit_events SET id = 4 WHERE id = 8",
           "UPDATE audit_events SET id = 8 WHERE id = -1")  # fmt: skip
    assert len(problems(log)) == 2


@pytest.mark.parametrize("keep", [0, 1, 11])
def test_a_cut_off_tail_is_found(log: World, keep: int) -> None:  # R3
    tamper(log, f"DELETE FROM audit_links WHERE seq > {keep}", f"DELETE FROM audit_events WHERE id > {keep}")
    found = problems(log)
    assert any("rows were cut off: the chain ends" in p for p in found)
    assert any("there is a checkpoint at place 12" in p for p in found)


def test_a_tail_younger_than_the_last_checkpoint_is_missed_at_the_head(log: World) -> None:  # R3
    write(log, 2)
    do_seal(log)
    tamper(log, "DELETE FROM audit_links WHERE seq > 12", "DELETE FROM audit_events WHERE id > 12")
    assert problems(log) == ["rows were cut off: the chain ends at place 12, and was sealed up to 14"]
    write(log)
    with pytest.raises(AuditBroken):
        do_seal(log)


def rebuilt(world: World, signer: Signer) -> None:
    """Somebody with the database, and not the key, changes a row and builds the whole chain anew."""
    tamper(world, "UPDATE audit_events SET verb = 'nothing.happened' WHERE id = 3", "DELETE FROM audit_links",
           "DELETE FROM audit_checkpoints", "DELETE FROM audit_head")  # fmt: skip
    seal(world.db, signer, world.settings)


def test_a_chain_built_anew_without_the_key_is_found(log: World) -> None:  # R3
    rebuilt(log, Signer(("another key",)))
    assert [p.split(",")[0] for p in problems(log)] == ["the checkpoint at place 12 was changed", "the chain's head was changed"]


def test_a_chain_built_anew_with_the_old_checkpoint_is_found(log: World) -> None:  # R3
    tamper(log, "UPDATE audit_events SET verb = 'nothing.happened' WHERE id = 3", "DELETE FROM audit_links", "DELETE FROM audit_head")
    write(log)  # … and what was signed of the old chain is left in place
    do_seal(log)
    assert any("written anew before place 12" in p for p in problems(log))


@pytest.mark.parametrize("change", ["hash = :other", "signature = :other", "seq = 11"])
@pytest.mark.parametrize("table", ["audit_head", "audit_checkpoints"])
def test_a_changed_signature_is_found(log: World, table: str, change: str) -> None:  # R3
    other = "x'" + "ab" * 32 + "'" if log.db.is_sqlite else "decode('" + "ab" * 32 + "', 'hex')"
    tamper(log, f"UPDATE {table} SET {change.replace(':other', other)}")
    assert problems(log) != []


def test_a_head_that_was_not_signed_is_not_built_on(log: World) -> None:  # R3
    tamper(log, "DELETE FROM audit_links WHERE seq = 12", "DELETE FROM audit_events WHERE id = 12", "UPDATE audit_head SET seq = 11")
    write(log)
    with pytest.raises(AuditBroken):
        do_seal(log)


def test_a_removed_head_is_found(log: World) -> None:  # R3
    tamper(log, "DELETE FROM audit_head")
    assert problems(log) == ["the chain's signed head is missing"]
    write(log)
    with pytest.raises(AuditBroken):
        do_seal(log)


def test_places_that_were_added_without_a_signature_are_found(log: World) -> None:  # R3
    from app.core.audit_chain.chain import link_hash

    write(log)
    with log.db.write() as session:
        row = session.execute(sa.select(*AuditEvent.__table__.c).where(AuditEvent.id == 13)).one()
        last = session.execute(sa.select(AuditLink.hash).where(AuditLink.seq == 12)).scalar_one()
        session.add(AuditLink(seq=13, event_id=13, hash=link_hash(last, row)))
    assert problems(log) == ["places after 12 were never signed"]


def test_a_value_that_can_not_be_read_is_found(log: World) -> None:  # R3
    if not log.db.is_sqlite:
        with pytest.raises(sa.exc.DBAPIError):  # PostgreSQL takes no moment that is none
            tamper(log, "UPDATE audit_events SET at = 'long ago' WHERE id = 5")
        return
    tamper(log, "UPDATE audit_events SET at = 'long ago' WHERE id = 5")
    assert "can't be read" in problems(log)[0]


def test_a_key_that_signs_no_more_still_verifies(log: World) -> None:
    rotated = Signer(("a newer key", *log.settings.keys))
    write(log)
    assert seal(log.db, rotated, log.settings) == 1
    assert verify(log.db, rotated, log.settings) == []
    assert verify(log.db, Signer(("a newer key",)), log.settings) != []


@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize("table", [t.name for t in APPEND_ONLY])
def test_the_database_refuses_to_change_the_log(log: World, table: str, statement: str) -> None:  # R3
    if log.db.is_sqlite and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM {0} WHERE 1 = 1"  # SQLite's word for it
    column = "event_id" if table == "audit_links" else "at"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), log.db.write() as session:
        session.execute(sa.text(statement.format(table, column)))
    assert problems(log) == []


def in_two_places(world: World, tmp_path: Any) -> Settings:
    return world.settings.model_copy(update={"checkpoint_dir": tmp_path / "elsewhere"})


def test_a_whole_database_put_back_is_found_by_the_copies(world: World, tmp_path: Any) -> None:  # R3
    settings = in_two_places(world, tmp_path)
    write(world, 5)
    seal(world.db, world.platform.signer, settings)
    with world.db.read() as conn:
        old = conn.execute(sa.select(AuditHead.seq, AuditHead.hash, AuditHead.signature)).one()
    world.later(minutes=11)
    write(world, 4)
    seal(world.db, world.platform.signer, settings)
    found = verify_fully(world.db, world.platform.signer, settings)
    assert (found.copies, found.checkpoints, found.problems) == (2, 2, [])
    tamper(
        world,
        "DELETE FROM audit_events WHERE id > 5",
        "DELETE FROM audit_links WHERE seq > 5",
        "DELETE FROM audit_checkpoints WHERE seq > 5",
    )
    with world.db.write() as session:
        session.execute(sa.update(AuditHead).values(seq=old.seq, hash=old.hash, signature=old.signature))
    assert problems(world) == []  # the database alone agrees with itself …
    found = verify_fully(world.db, world.platform.signer, settings)
    assert len(found.problems) == 1
    assert "line 2: rows were cut off" in found.problems[0]


@pytest.mark.parametrize(
    ("old", "new"), [('"seq": 5', '"seq": 4'), ('"hash": "', '"hash": "00'), ("{", ""), ('"signature": "', '"signature": "zz')]
)
def test_a_changed_copy_is_found(world: World, tmp_path: Any, old: str, new: str) -> None:  # R3
    settings = in_two_places(world, tmp_path)
    write(world, 5)
    seal(world.db, world.platform.signer, settings)
    assert verify(world.db, world.platform.signer, settings) == []
    path = tmp_path / "elsewhere" / "audit-checkpoints.jsonl"
    path.write_text(path.read_text().replace(old, new, 1))
    assert len(verify(world.db, world.platform.signer, settings)) == 1


def test_a_checkpoint_folder_that_fails_does_not_stop_the_sealing(world: World, tmp_path: Any, caplog: Any) -> None:
    (tmp_path / "elsewhere").write_text("a file, where a folder should be")
    write(world, 5)
    assert seal(world.db, world.platform.signer, in_two_places(world, tmp_path)) == 5
    assert "could not be copied to CHECKPOINT_DIR" in caplog.text
