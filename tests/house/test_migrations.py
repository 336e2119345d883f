"""Migrations, on both engines: they make what the program expects, go down and up again, and keep the log's triggers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.commands import schema
from app.core.audit_chain.triggers import APPEND_ONLY
from app.core.config import ConfigError, Settings
from app.tables import metadata


@pytest.fixture
def settings(engine: str, template_of, tmp_path: Path) -> Settings:
    """Settings of an empty database."""
    template = template_of(engine)
    return Settings(database_url=template.empty(), data_dir=tmp_path / "data", secret_key="x", _env_file=None)


def connect(settings: Settings) -> sa.Engine:
    return sa.create_engine(settings.url, poolclass=sa.pool.NullPool)


def shape(settings: Settings) -> dict[str, object]:
    """Tables, columns, keys, indexes and triggers, as the database itself tells them."""
    with connect(settings).connect() as conn:
        seen = sa.inspect(conn)
        tables = sorted(set(seen.get_table_names()) - {"alembic_version"})
        if conn.dialect.name == "sqlite":
            triggers = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name").all()
        else:
            triggers = conn.exec_driver_sql(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
            ).all()
        return {
            "triggers": [tuple(row) for row in triggers],
            **{
                table: (
                    sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
                    seen.get_pk_constraint(table)["constrained_columns"],
                    sorted((i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in seen.get_indexes(table)),
                    sorted((u["name"], tuple(u["column_names"])) for u in seen.get_unique_constraints(table)),
                    sorted((f["name"], tuple(f["constrained_columns"]), f["referred_table"]) for f in seen.get_foreign_keys(table)),
                )
                for table in tables
            },
        }


def test_the_migrations_make_what_the_program_expects(settings: Settings) -> None:
    schema.upgrade(settings)
    assert schema.drift(settings) == []
    migrated = shape(settings)
    command.downgrade(schema.config(settings), "base")
    assert {k: v for k, v in shape(settings).items() if k != "triggers"} == {}
    with connect(settings).begin() as conn:
        metadata.create_all(conn)
    assert shape(settings) == migrated


def test_up_down_and_up_again(settings: Settings) -> None:
    schema.upgrade(settings)
    first = shape(settings)
    command.downgrade(schema.config(settings), "base")
    schema.upgrade(settings)
    assert shape(settings) == first
    assert schema.drift(settings) == []


def test_the_log_is_append_only_after_migrating(settings: Settings) -> None:  # R3
    schema.upgrade(settings)
    with connect(settings).begin() as conn:
        conn.exec_driver_sql("INSERT INTO audit_links (seq, event_id, hash) VALUES (1, 1, 'x')")
    for statement in ("UPDATE audit_links SET event_id = 2", "DELETE FROM audit_links"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), connect(settings).begin() as conn:
            conn.exec_driver_sql(statement)
    assert len(APPEND_ONLY) == 3


def test_drift_is_told(settings: Settings) -> None:
    assert "run `squadroom db upgrade`" in schema.drift(settings)[0]
    schema.upgrade(settings)
    with connect(settings).begin() as conn:
        conn.exec_driver_sql("CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY)")
    assert "somebody_elses" in schema.drift(settings)[0]


def test_the_text_of_the_files_names_the_newest_as_alembic_does(settings: Settings) -> None:
    assert schema.needed() == ScriptDirectory.from_config(schema.config(settings)).get_current_head()


def test_serving_brings_an_empty_database_up_and_leaves_a_whole_one_alone(settings: Settings) -> None:
    schema.make_ready(settings)
    first = shape(settings)
    schema.make_ready(settings)
    assert shape(settings) == first


def set_version(settings: Settings, version: str) -> None:
    with connect(settings).begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_serving_refuses_a_newer_programs_database(settings: Settings) -> None:
    schema.upgrade(settings)
    set_version(settings, "9999")
    with pytest.raises(ConfigError, match="does not know"):
        schema.make_ready(settings)


def test_serving_refuses_tables_that_are_not_ours(settings: Settings) -> None:
    with connect(settings).begin() as conn:
        conn.exec_driver_sql("CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY)")
    with pytest.raises(ConfigError, match="did not make"):
        schema.make_ready(settings)


@pytest.fixture
def with_a_newer_one(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database at the newest migration, and then one more migration in the folder."""
    schema.upgrade(settings)
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = f'revision = "9000"\ndown_revision = "{schema.needed()}"\n\ndef upgrade():\n    pass\n\ndef downgrade():\n    pass\n'
    (folder / "versions" / "9000_more.py").write_text(text)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return settings


def test_serving_upgrades_sqlite_and_asks_on_postgresql(with_a_newer_one: Settings) -> None:
    if with_a_newer_one.is_sqlite:
        schema.make_ready(with_a_newer_one)
        assert schema.drift(with_a_newer_one) == []
    else:
        with pytest.raises(ConfigError, match="run `squadroom db upgrade` first"):
            schema.make_ready(with_a_newer_one)


def test_a_migration_that_fails_leaves_everything_as_it_was(with_a_newer_one: Settings) -> None:
    path = schema.MIGRATIONS / "versions" / "9000_more.py"
    path.write_text(
        path.read_text().replace(
            "def upgrade():\n    pass",
            "def upgrade():\n    from alembic import op\n    op.drop_table('jobs')\n    raise OSError('no room')",
        )
    )
    before = shape(with_a_newer_one)
    with pytest.raises(OSError, match="no room"):
        schema.upgrade(with_a_newer_one)
    assert shape(with_a_newer_one) == before


def test_a_migration_can_be_generated_and_has_the_triggers(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (folder / "versions").mkdir()
    config = Config(attributes={"url": settings.url})
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    made = command.revision(config, "first", autogenerate=True, rev_id="0001")
    text = Path(made.path).read_text()
    for name in ("audit_chain", "membership"):
        assert text.count(f"{name}_triggers.create_triggers(op)") == text.count(f"{name}_triggers.drop_triggers(op)") == 1
    command.upgrade(config, "head")
    generated = shape(settings)
    command.downgrade(config, "base")
    with connect(settings).begin() as conn:
        metadata.create_all(conn)
    assert shape(settings) == generated
