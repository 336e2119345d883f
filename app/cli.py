"""The command `squadroom`: names and options. What a command does lies in app/commands/, imported when it is called.

Exit codes: 0 done; 1 refused or failed, with one line on standard error; 2 wrong usage.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.moments import moment

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Email = Annotated[str, typer.Option(help="The person's mail address.")]

# No rich help: importing it would cost `serve` a part of its second.
_options = {"no_args_is_help": True, "add_completion": False, "rich_markup_mode": None, "pretty_exceptions_enable": False}
app = typer.Typer(help="Squadroom, the closed forum of a law-enforcement association.", **_options)  # type: ignore[arg-type]


def _group(name: str, help_: str) -> typer.Typer:
    group = typer.Typer(help=help_, **_options)  # type: ignore[arg-type]
    app.add_typer(group, name=name)
    return group


db = _group("db", "The database's tables.")
admin = _group("admin", "The association's administrators.")
token = _group("token", "Bearer tokens for scripts.")
imports = _group("import", "Records that come from elsewhere.")
digest = _group("digest", "Mail digests.")
search = _group("search", "The index that is searched.")
mail = _group("mail", "Mail that comes in and goes out.")
jobs = _group("jobs", "What the worker does.")
audit = _group("audit", "The log of what was done.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: BASE_URL's on loopback, else 8000.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many web processes.")] = 1,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Don't run the job loop beside the web server.")] = False,
) -> None:
    """Run the web server, and one worker beside it."""
    from app.commands import serving

    serving.serve(serving.Options(host, port, workers, not no_worker))


@app.command()
def worker(
    beside_server: Annotated[
        bool, typer.Option(hidden=True, help="Stop when standard input ends, with the server that started it.")
    ] = False,
) -> None:
    """Run the job loop: mail, digests, sealing of the log, cleaning up."""
    from app.commands import working

    working.work(beside_server)


@app.command()
def demo(as_json: Json = False) -> None:
    """Fill an empty database with the demo association and its cast."""
    from app.commands import demonstrating

    demonstrating.demo(as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at the installation and say what is wrong with it."""
    from app.commands import doctoring

    doctoring.doctor(as_json)


@app.command()
def seed(
    members: Annotated[int, typer.Option(min=1)],
    threads: Annotated[int, typer.Option(min=1)],
    replies: Annotated[int, typer.Option(min=0)],
    number: Annotated[int, typer.Option("--seed", help="The same number gives the same corpus.")] = 1,
) -> None:
    """Fill an empty database with a synthetic corpus for measuring."""
    from app.commands import demonstrating

    demonstrating.seed(members, threads, replies, number)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to what this version needs."""
    from app.commands import database

    database.upgrade()


@db.command("check")
def db_check() -> None:
    """Say whether the tables are what this version needs."""
    from app.commands import database

    database.check()


@admin.command("create")
def admin_create(email: Email, name: Annotated[str, typer.Option(help="The person's name.")], as_json: Json = False) -> None:
    """Make an administrator; prints a link to enrol by, good once."""
    from app.commands import people

    people.create_admin(email, name, as_json)


@admin.command("recover")
def admin_recover(email: Email, as_json: Json = False) -> None:
    """Let an administrator who lost everything set up their sign-in anew; prints a link, good once."""
    from app.commands import people

    people.recover_admin(email, as_json)


@token.command("create")
def token_create(
    email: Email,
    scope: Annotated[str, typer.Option(help="read, write, moderate, admin; several with commas.")] = "read",
    days: Annotated[int, typer.Option(min=1, max=90)] = 30,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "made on the command line",
    as_json: Json = False,
) -> None:
    """Make a bearer token; prints it, once."""
    from app.commands import people

    people.show_token(people.create_token(email, name, days, scope), as_json)


@imports.command("agencies")
def import_agencies(file: Path, as_json: Json = False) -> None:
    """Take agencies from a CSV file; the same file twice changes nothing."""
    from app.commands import importing

    importing.agencies(file, as_json)


@imports.command("dotgov")
def import_dotgov(
    file: Path,
    dated: Annotated[str, typer.Option(help="Of when the file is, as an ISO 8601 moment; default: now.")] = "",
    commit: Annotated[str, typer.Option(help="The commit that it was published with.")] = "",
    shrink: Annotated[bool, typer.Option("--shrink", help="Take it although many names are gone.")] = False,
    as_json: Json = False,
) -> None:
    """Take the registry of .gov names (CISA's current-full.csv); what left the file leaves the table."""
    from app.commands import importing

    importing.dotgov(file, moment(dated), commit, shrink, as_json)


@imports.command("roster")
def import_roster(
    file: Path,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without this the changes are only shown.")] = False,
    as_json: Json = False,
) -> None:
    """Compare the association's roster with its members: who joins, moves, leaves."""
    from app.commands import rosters

    rosters.roster(file, apply, as_json)


@imports.command("mbox")
def import_mbox(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    forum: Annotated[str, typer.Option(help="The forum's address, such as patrol.")],
    marking: Annotated[str, typer.Option(help="The threads' marking; default: the forum's.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; nothing is written.")] = False,
    as_json: Json = False,
) -> None:
    """Make threads of an old mailing list's archive; the same files twice change nothing. Nobody is mailed."""
    from app.commands import archives

    archives.mbox(archives.Wish(files, forum, marking), dry_run, as_json)


@imports.command("undo")
def import_undo(number: Annotated[int, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Put back what an applied roster changed, once."""
    from app.commands import rosters

    rosters.undo(number, as_json)


@imports.command("list")
def import_list(as_json: Json = False) -> None:
    """The rosters that were applied, the newest first."""
    from app.commands import rosters

    rosters.applied(as_json)


@search.command("rebuild")
def search_rebuild() -> None:
    """Make the search index anew. Searches find less until it is done; nothing else waits."""
    from app.commands import indexing

    indexing.rebuild()


@mail.command("check")
def mail_check(
    as_json: Json = False,
    answers: Annotated[Path | None, typer.Option(help="Read what DNS says from this JSON file instead of asking.")] = None,
    ip: Annotated[list[str] | None, typer.Option(help="The address that mail leaves from, as others see it. May be repeated.")] = None,
) -> None:
    """Tell which DNS records the association's mail needs, and print those that are missing."""
    from app.commands import mailing

    mailing.check_records(as_json, answers, tuple(ip or ()))


@digest.command("run")
def digest_run(
    at: Annotated[str, typer.Option(help="An ISO 8601 moment; default: now.")] = "",
    member: Annotated[str, typer.Option(help="Only this member, by mail address.")] = "",
) -> None:
    """Do what the worker would do at that time, and send it before this ends."""
    from app.commands import mailing

    mailing.run_digests(moment(at), member or None)


@mail.command("accept")
def mail_accept(
    sender: Annotated[str, typer.Option("--from", help="The envelope's sender; empty for a report.")] = "",
    recipient: Annotated[str, typer.Option("--to", help="The envelope's recipient.")] = "",
    at: Annotated[str, typer.Option(help="An ISO 8601 moment, for tests; default: now.")] = "",
) -> None:
    """Take one message from standard input; exits 0 taken, 67 no such address, 75 try later, 77 refused."""
    gc.disable()  # looking for garbage among what is being loaded is a fifth of the whole, and the process ends with its message
    try:
        from app.commands import mailing

        raise typer.Exit(mailing.accept(sender, recipient, moment(at)))
    finally:
        gc.enable()


@jobs.command("run")
def jobs_run(at: Annotated[str, typer.Option(help="An ISO 8601 moment; default: now.")] = "") -> None:
    """Do once all that the worker would do at that time: mail, digests, re-verification, cleaning up."""
    from app.commands import working

    working.run_jobs(moment(at))


@audit.command("verify")
def audit_verify(as_json: Json = False) -> None:
    """Say whether the log is as it was written."""
    from app.commands import auditing

    auditing.verify(as_json)


def main() -> int:
    """Run the command line; the exit code."""
    os.umask(0o077)  # the database, keys and mail are nobody else's to read
    try:
        app()
    except SystemExit as end:  # how Typer ends; usage errors are 2
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        return _failed(error)
    return 0


def _failed(error: Exception) -> int:
    """One line on standard error for what was refused or is wrong outside; anything else is our own bug and shows itself."""
    from app.commands.running import one_line

    line = one_line(error)
    if line is None:
        raise error
    print(f"squadroom: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
