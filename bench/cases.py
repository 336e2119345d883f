"""What is measured, part by part, and what was asked of each (the issue of the main job, and peers.md of the design)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import applications, pages, panic, processes, rosters, searching, startup
from bench import crowds as forums_of
from bench.load import Plan, Target, alternate, hello
from bench.places import REPLIES_A_THREAD, Browser, Ground, Place, Server
from bench.processes import PYTHON, BenchError
from bench.report import Goal, Report

SMALL, LARGE = 5_000, 1_000_000
LONG_THREAD, DEEP = 1, 10_001
AT_MOST = 1.3  # times the cost of the small case
PAGE_GOAL = {"sqlite": 9.0, "postgres": 7.0}
POST_GOAL = 6.0
DIGEST_MEMBERS, DIGEST_QUICK = 100_000, 2_000
APPLICATIONS, APPLICATIONS_QUICK = 100_000, 10_000
SEARCHED, SEARCHED_QUICK = 1_000_000, 50_000
CROWD, CROWD_QUICK = 50_000, 5_000
ROSTER, ROSTER_QUICK = 20_000, 2_000
PRESSES, SESSIONS, PRESSES_QUICK, SESSIONS_QUICK = 200, 100_000, 20, 10_000


@dataclass(frozen=True, slots=True)
class Bench:
    """One engine's measurement."""

    engine: str
    ground: Ground
    folder: Path
    plan: Plan
    report: Report

    def corpus(self, replies: int) -> tuple[Place, float]:
        place = self.ground.place(self.engine, str(replies))
        return place, place.seed(replies)


def full_thread(place: Place) -> int:
    """A thread near the middle that has a page full of replies, 20 and the opening message, or a little more."""
    from sqlalchemy import select

    from app.forum.models import Thread

    with place.database() as db, db.read() as conn:
        some = select(Thread.id).where(Thread.last_position.between(20, 30), Thread.id > LONG_THREAD)
        found = conn.execute(some.order_by(Thread.last_position, Thread.id).limit(1)).scalar()
    return found if found is not None else LONG_THREAD


def _get(server: Server, browser: Browser, path: str) -> Target:
    return Target(server.process.pid, server.origin + path, browser.cookie)


def _post(server: Server, browser: Browser, first: int, last: int, *mixed: str) -> Target:
    """Replies to these threads in turn. `mixed`: a page that is read, and which request out of how many is a reply."""
    words = (browser.csrf, server.origin, str(first), str(last), *mixed)
    return Target(server.process.pid, server.origin + "/", browser.cookie, "reply.lua", words)


def speed(bench: Bench, options: argparse.Namespace) -> None:
    """Shares of the hello world; afterwards what the web process has grown to."""
    place, took = bench.corpus(options.replies)
    goal = Goal(120, unit=" s") if bench.engine == "sqlite" and options.replies == 200_000 else None
    bench.report.figure(f"seeding {options.replies:,} replies", bench.engine, took, " s", goal)
    thread = full_thread(place)
    with place.server() as server, hello(bench.folder) as base:
        browser = place.browser()
        for name, path in (("thread page", f"/threads/{thread}"), ("forum page", "/forums/forum-3"), ("home", "/")):
            pages.weigh(server, browser, path)  # the first reading writes a mark, and says whether the session is good
            pair = alternate(base, _get(server, browser, path), bench.plan)
            bench.report.share(name, bench.engine, pair, Goal(PAGE_GOAL[bench.engine], at_least=True, unit=" %"))
        threads = max(100, options.replies // REPLIES_A_THREAD)
        other = place.browser(member_id=8).cookie
        walk = Target(server.process.pid, server.origin + "/", other, "walk.lua", ("2", str(threads)))
        bench.report.share("thread page, another thread each time", bench.engine, alternate(base, walk, bench.plan))
        post = alternate(base, _post(server, browser, 2, min(1001, threads)), bench.plan)
        bench.report.share("reply POST", bench.engine, post, Goal(POST_GOAL, at_least=True, unit=" %"))
        mixed = alternate(base, _post(server, browser, 2, min(1001, threads), "/", "20"), bench.plan)
        bench.report.share("home, every 20th request a reply", bench.engine, mixed)
        one = alternate(base, _post(server, browser, thread, thread), bench.plan)
        bench.report.share("reply POST, all into one thread", bench.engine, one)
        _memory(bench, "web process after all this", processes.memory(server.process.pid))


def _memory(bench: Bench, what: str, found: dict[str, float]) -> None:
    bench.report.figure(f"{what}: memory", bench.engine, found["rss"], " MB", Goal(120, unit=" MB"))
    bench.report.note(f"{what}: of it not a file's; the most ever", bench.engine, f"{found['own']:.0f} MB; {found['peak']:.0f} MB")


def flatness(bench: Bench, options: argparse.Namespace) -> None:
    """Position 10,001 against 0, and 5 thousand replies against a million."""
    place, _ = bench.corpus(options.replies)
    if options.replies >= DEEP * 2:
        with place.server() as server:
            browser = place.browser()
            path = f"/threads/{LONG_THREAD}"
            pages.weigh(server, browser, f"{path}?from={DEEP}")
            # Neither shows the opening message.
            pair = alternate(_get(server, browser, f"{path}?from=20"), _get(server, browser, f"{path}?from={DEEP}"), bench.plan)
            bench.report.cost("replies 10,001 to 10,020 against 21 to 40 of one thread", bench.engine, pair, Goal(AT_MOST, unit=" ×"))
            pair = alternate(_get(server, browser, path), _get(server, browser, f"{path}?from={DEEP}"), bench.plan)
            bench.report.cost("position 10,001 against position 0", bench.engine, pair, Goal(AT_MOST, unit=" ×"))
    if not options.quick:
        _sizes(bench)


def _sizes(bench: Bench) -> None:
    small, large = (bench.corpus(size) for size in (SMALL, LARGE))
    bench.report.figure(f"seeding {LARGE:,} replies", bench.engine, large[1], " s")
    with ExitStack() as stack:
        few, many = (stack.enter_context(place.server()) for place, _ in (small, large))
        browsers = [place.browser() for place, _ in (small, large)]
        for name, path in (("thread page", ""), ("forum page", "/forums/forum-3"), ("home", "/")):
            targets = []
            for server, browser, (place, _) in zip((few, many), browsers, (small, large), strict=True):
                where = path or f"/threads/{full_thread(place)}"
                pages.weigh(server, browser, where)
                targets.append(_get(server, browser, where))
            pair = alternate(targets[0], targets[1], bench.plan)
            bench.report.cost(f"{name}: 1 million replies against 5 thousand", bench.engine, pair, Goal(AT_MOST, unit=" ×"))
        posts = [_post(s, b, 2, 101) for s, b in zip((few, many), browsers, strict=True)]
        pair = alternate(posts[0], posts[1], bench.plan)
        bench.report.cost("reply POST: 1 million replies against 5 thousand", bench.engine, pair, Goal(AT_MOST, unit=" ×"))


def weights(bench: Bench, options: argparse.Namespace) -> None:
    """Bytes, requests and queries. The pages are the same on both engines; the queries are counted on each."""
    place, _ = bench.corpus(options.replies)
    named = {"thread page": f"/threads/{full_thread(place)}", "forum page": "/forums/forum-3", "home": "/"}
    with place.server() as server:
        browser = place.browser()
        for name, path in named.items():
            found = pages.weigh(server, browser, path)
            goal = Goal(10, unit=" KB") if name == "thread page" else None
            bench.report.note(f"{name}: HTML as it is", bench.engine, f"{found.page_raw / 1000:.1f} KB")
            bench.report.figure(f"{name}: HTML gzipped", bench.engine, found.page_gzip / 1000, " KB", goal)
            bench.report.figure(f"{name}: requests of a first view", bench.engine, found.requests, "", Goal(8))
            bench.report.figure(f"{name}: first view, gzipped", bench.engine, found.all_gzip / 1000, " KB", Goal(60, unit=" KB"))
    browser = place.browser()
    for name, path in named.items():
        count = pages.queries(place, browser, [path])[path]
        bench.report.figure(f"{name}: queries", bench.engine, count, "", Goal(5))


def start(bench: Bench, options: argparse.Namespace) -> None:
    place, _ = bench.corpus(options.replies)
    goal = Goal(1.5, unit=" s")
    startup.first_page(place, ("--no-worker",))
    for what, words in (("with the worker beside it", ()), ("web process alone", ("--no-worker",))):
        bench.report.figure(f"first page after `serve`, warm, {what}", bench.engine, startup.several(place, words), " s", goal)
        cold = startup.several(place, words, startup.forget)
        bench.report.figure(f"first page after `serve`, files not in memory, {what}", bench.engine, cold, " s", goal)
    bench.report.figure("first start after a set-up, nothing compiled yet", bench.engine, startup.very_first(place), " s")


def worker(bench: Bench, options: argparse.Namespace) -> None:
    place, _ = bench.corpus(options.replies)
    found = startup.worker_memory(place)
    _memory(bench, f"worker after it sent {found['sent']:,.0f} digests", found)


def digest(bench: Bench, options: argparse.Namespace) -> None:
    members = options.members or (DIGEST_QUICK if options.quick else DIGEST_MEMBERS)
    place = bench.ground.place(bench.engine, f"digest{members}")
    ready = place.folder / "prepared"
    if not ready.exists():
        processes.run([PYTHON, "-m", "bench.digest", "prepare", str(members)], place.environment(), place.folder)
        ready.touch()
    _, said = processes.run([PYTHON, "-m", "bench.digest", "run"], place.environment(), place.folder)
    ready.unlink()  # its slots are done now; the next run prepares anew
    found = json.loads(said)
    report, engine = bench.report, bench.engine
    is_full = members >= DIGEST_MEMBERS  # a short run is over before its fragments are all there
    goal = Goal(1500, at_least=True) if is_full else None
    what = f"digest run, {members:,} members and 40 forums: members a second"
    report.figure(f"{what}, chosen and rendered", engine, found["made"], "", goal)
    report.note(f"{what}, chosen, rendered and queued", engine, f"{found['rate']:,.0f}")
    report.note("digest run: its processor time for a member", engine, f"{found['cpu_ms']:.2f} ms")
    text = f"{found['queued']:,} of {found['bytes'] / 1000:.1f} KB each, of {found['messages']:,} new messages"
    report.note("digest run: queued", engine, text)
    report.figure("digest run: queries for each 50 members", engine, found["queries_50"], "", Goal(1))
    growth = f"{found['before']:.0f} MB before, {found['quarter']:.0f} MB after a quarter, {found['peak']:.0f} MB at most"
    report.note("digest run: memory", engine, growth)
    report.figure("digest run: the most memory", engine, found["peak"], " MB", Goal(150, unit=" MB"))
    flat = Goal(1.1, unit=" ×") if is_full else None
    report.figure("digest run: peak against after a quarter", engine, found["peak"] / found["quarter"], " ×", flat)


def agencies(bench: Bench, options: argparse.Namespace) -> None:
    if options.agencies is None:
        return
    if not options.agencies.is_file():
        raise BenchError("--agencies names no file")
    place = bench.ground.place(bench.engine, "agencies")
    place.command("db", "upgrade")
    for turn, goal in (("first time", Goal(10, unit=" s")), ("again, nothing changed", None)):
        took, said = place.command("import", "agencies", str(options.agencies.resolve()), "--json")
        counts = json.loads(said)
        rows = counts["added"] + counts["changed"] + counts["unchanged"]
        bench.report.figure(f"import of {rows:,} agencies, {turn}", bench.engine, took, " s", goal)


def casework(bench: Bench, options: argparse.Namespace) -> None:
    """The reviewer's page beside the thread page, and how fast duplicates are found, among as many applications as members."""
    size = APPLICATIONS_QUICK if options.quick else APPLICATIONS
    place = bench.ground.place(bench.engine, f"casework{size}")
    place.seed(SMALL, size)
    applications.fill(place, size)
    if options.dotgov is not None:
        took, _ = place.command("import", "dotgov", str(options.dotgov.resolve()))
        bench.report.figure("import of the .gov registry, in a new process", bench.engine, took, " s")
    of = f"{size:,} applications and members"
    with place.server() as server:
        browser = place.browser()
        thread, case = f"/threads/{full_thread(place)}", f"/moderation/applications/{size // 2 + 3}"  # an open one
        for path in (thread, case):
            pages.weigh(server, browser, path)
        pair = alternate(_get(server, browser, thread), _get(server, browser, case), bench.plan)
        bench.report.cost(f"reviewer's page against thread page, {of}", bench.engine, pair, Goal(1.5, unit=" ×"))
    bench.report.figure("reviewer's page: queries", bench.engine, pages.queries(place, place.browser(), [case])[case], "")
    times = applications.searches(place, size)
    bench.report.figure(f"duplicates of a case among {of}, median", bench.engine, times[len(times) // 2], " ms", Goal(50, unit=" ms"))
    bench.report.figure("duplicates of a case, slowest of 300", bench.engine, times[-1], " ms", Goal(50, unit=" ms"))


def roster(bench: Bench, options: argparse.Namespace) -> None:
    rows = ROSTER_QUICK if options.quick else ROSTER
    place = bench.ground.place(bench.engine, f"roster{rows}")
    place.seed(SMALL, rows)
    file = place.folder / "roster.csv"
    rosters.write(file, rows)
    rosters.appoint(place)
    for what, took in rosters.times(place, file).items():
        bench.report.figure(f"roster of {rows:,} rows: {what}", bench.engine, took, " s", Goal(10 if what == "shown" else 60, unit=" s"))


def panics(bench: Bench, options: argparse.Namespace) -> None:
    """The panic button: how long until every session of a member is refused (V11)."""
    presses, size = (PRESSES_QUICK, SESSIONS_QUICK) if options.quick else (PRESSES, SESSIONS)
    place, _ = bench.corpus(SMALL)
    rosters.appoint(place)
    admin, pressed = panic.fill(place, presses, size)
    with place.server() as server:
        found = panic.times(server, admin, pressed)
    of = f"{presses} presses, 50 of {size:,} sessions each"
    for what, took, goal in (("answered", found.answered, None), ("each session was refused", found.all_refused, Goal(5, unit=" s"))):
        bench.report.figure(f"panic button, {of}: until {what}, p95", bench.engine, took[presses * 95 // 100], " s", goal)
    bench.report.figure(f"panic button, {of}: until each session was refused, slowest", bench.engine, found.all_refused[-1], " s")


def searches(bench: Bench, options: argparse.Namespace) -> None:
    """Two hundred questions each by a reader of 20 forums and of 2, nothing kept; then one question over HTTP, again and again."""
    replies = SEARCHED_QUICK if options.quick else SEARCHED
    place, engine, report = bench.ground.place(bench.engine, f"search{replies}"), bench.engine, bench.report
    ready = place.folder / "prepared"
    if not ready.exists():
        processes.run([PYTHON, "-m", "bench.searching", "prepare", str(replies)], place.environment(), place.folder)
        ready.touch()
    found = json.loads(processes.run([PYTHON, "-m", "bench.searching", "run"], place.environment(), place.folder)[1])
    searching.tell(report, engine, replies, found)
    with place.server() as server, hello(bench.folder) as base:
        browser = place.browser()
        for name, q in (("common word", "camera"), ("two words and a filter", "camera policy kind:lesson".replace(" ", "+"))):
            pair = alternate(base, _get(server, browser, f"/search?q={q}"), bench.plan)
            report.share(f"search, {name}", engine, pair, Goal(8, at_least=True, unit=" %"))
        asked = place.folder / "questions"
        asked.write_text("\n".join(searching.never_asked()))
        walk = Target(server.process.pid, server.origin + "/", browser.cookie, "ask.lua", (str(asked),))
        report.share("search, each question asked for the first time", engine, alternate(base, walk, bench.plan))


def crowds(bench: Bench, options: argparse.Namespace) -> None:
    """Who posts does not wait for those who are told: the worker tells them."""
    crowd = CROWD_QUICK if options.quick else CROWD
    place = bench.ground.place(bench.engine, f"crowd{crowd}")
    place.seed(SMALL, crowd)
    quiet, loud = forums_of.threads(place, crowd)
    with place.server() as server:
        browser = place.browser()
        pair = alternate(_post(server, browser, quiet, quiet), _post(server, browser, loud, loud), bench.plan)
        bench.report.cost(f"reply POST: {crowd:,} are mailed of it against {forums_of.FEW}", bench.engine, pair, Goal(1.1, unit=" ×"))
    taken, what = forums_of.offers(place, quiet), f"whom an @ offers among {crowd:,} members"
    bench.report.figure(f"{what}, p95", bench.engine, taken[len(taken) * 95 // 100], " ms", Goal(30, unit=" ms"))
    bench.report.note(f"{what}, slowest", bench.engine, f"{taken[-1]:.1f} ms")


SECTIONS: dict[str, Callable[[Bench, argparse.Namespace], None]] = {
    "speed": speed, "flatness": flatness, "weights": weights, "start": start, "worker": worker, "digest": digest, "agencies": agencies,
    "casework": casework, "roster": roster, "panic": panics, "search": searches,
    "crowd": crowds,
}  # fmt: skip
