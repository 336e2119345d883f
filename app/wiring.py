"""What low packages must ask of high ones, told to them before the first request, job or command: no pages, and so no web framework."""

from __future__ import annotations

from app import wiring_posting
from app.accounts import blocklist, hooks, sessions
from app.agencies import above, history, merging
from app.association.access import demo_cast
from app.attachments import owners
from app.attachments.clamd import scanner_of
from app.core import clock
from app.core.config import Settings
from app.core.storage import storage_of
from app.forum import similar, starting
from app.forum.administering import operations as administration
from app.forum.adoptions import operations as adoptions
from app.forum.attached.access import MESSAGE, Messages
from app.forum.own import access as own
from app.forum.own import bookmarking
from app.forum.polls import operations as polls
from app.forum.practices import access as practices
from app.forum.rounds import access as rounds
from app.forum.rounds import going_round
from app.forum.withdrawing import operations as withdrawing
from app.mail import first_step, leaving, quiet
from app.mail.at_once import again as at_once_again  # noqa: F401  # it registers how these mails are asked about again
from app.mail.at_once import posted
from app.mail.digest import finds as digest_finds
from app.mail.digest import now as digest_now
from app.mail.notices import access as notices_access
from app.mail.notices import bundles  # noqa: F401  # as above
from app.membership import access as membership_access
from app.membership import actors, alarms, departures, directory, knowing, retired, sign_in
from app.membership import jobs as membership_jobs
from app.membership.applications import outcomes
from app.membership.models import Purpose
from app.membership.recovery import operations as recovery
from app.membership.roster import access as roster_access
from app.membership.roster import contacts as roster_contacts
from app.membership.roster import merging as agencies_merged
from app.membership.staying import dissolved, moved_mail, returning
from app.membership.watch import counting
from app.moderation.flags import access as flags_access
from app.moderation.flags import operations as flags
from app.search import similar as search_similar
from app.search.saved import access as saved_searches
from app.web import guard, work


def wire(settings: Settings) -> None:
    """Once a process; a kind that nobody registers is denied."""
    blocklist.use(settings.data_dir)
    wiring_posting.wire(settings)
    posted.register(settings)
    digest_now.register(settings)
    actors.register_news(notices_access.unread)
    above.register(directory.STAFFED, directory.members_at, counting.show_listed)
    departures.register_leaving(roster_contacts.leave)
    merging.register_move("applications", agencies_merged.applications)
    merging.register_move("members", agencies_merged.members)
    merging.register_move("rosters", agencies_merged.rosters)
    merging.register_move("adoptions", adoptions.merge)
    merging.register_move("polls", polls.merge)
    history.register_end(lambda session, actor, agency: dissolved.ask_all(session, actor, settings, agency), dissolved.open_all)
    above.register_roster(roster_access.sees_roster)
    departures.register_leaving(leaving.stop)
    departures.register_trusted_groups(administration.moderating_groups())
    membership_jobs.register()
    _forum()
    outcomes.register(Purpose.RECOVER, recovery.recover)
    outcomes.register(Purpose.RETURN, returning.come_back)
    hooks.register_recovery_hold(recovery.hold)
    hooks.register_alarm(alarms.disavowed)
    hooks.register_agency_address(lambda session, account_id: moved_mail.ask(session, settings, account_id))
    storage_of(settings), scanner_of(settings)  # a setting that is wrong stops the start
    hooks.register_gate(membership_access.may_sign_in)
    hooks.register_return_gate(membership_access.may_return)
    hooks.register_needs_passkey(actors.needs_passkey)
    hooks.register_lacks_address(retired.lacks_address)
    hooks.register_person(sign_in.describe)
    if settings.env == "demo":
        hooks.register_cast(demo_cast)
    guard.register(actors.cookie_loader(sessions.LIMITS[settings.profile]), actors.load_bearer)
    work.register(
        touch=sessions.touch,
        keep=lambda session, account_id, path, fields: sessions.keep_form(session, account_id, path, fields, clock.now()),
        drop=sessions.drop_form,
    )


def _forum() -> None:
    bookmarking.register()
    going_round.register()
    rounds.register_quiet(quiet.is_quiet, quiet.is_away)
    withdrawing.register(flags_access.is_flagged, flags.move_up)
    starting.register(first_step.STEP)
    knowing.register(knowing.Knowledge(rounds.KNOWING, practices.offered))
    similar.register(search_similar.threads)
    digest_finds.register(saved_searches.found_between)
    owners.register(MESSAGE, Messages())
    owners.register_wanted(own.is_drafted)
