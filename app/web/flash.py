"""What a page says after an act succeeded. The address carries only a name, so that nobody can put words on our pages."""

from __future__ import annotations

SAID: dict[str, str] = {
    "saved": "Saved.",
    "posted": "Posted.",
    "edited": "Your change is saved. The earlier text is kept in the message's history.",
    "locked": "Locked: nobody can reply now.",
    "unlocked": "Unlocked: replies are open again.",
    "pinned": "Pinned to the top of the forum.",
    "unpinned": "No longer pinned.",
    "hidden": "Hidden. The author sees your reason.",
    "shown": "Shown again.",
    "watching": "Your choice for this thread is saved.",
    "all-read": "All marked as read.",
    "session-ended": "That session is over.",
    "member-sessions-ended": "All sessions of this member are over.",
    "sessions-ended": "All other sessions are over.",
    "password-changed": "Your password is changed. All other sessions were ended.",
    "authenticator-added": "Your new authenticator is ready.",
    "authenticator-removed": "That authenticator no longer opens your account.",
    "token-ended": "That token no longer works.",
    "marking-changed": "The marking is changed.",
    "readers-changed": "The list of readers is changed.",
    "decided": "Your decision is recorded.",
    "forums-made": "The forums are made. Nobody posts in them before the first members are in.",
    "forum-made": "The forum is made. Nobody sees it until you give groups a right in it.",
    "group-made": "The group is made. Add its members here.",
    "claimed": "The case is yours for 30 minutes.",
    "noted": "Your note is added.",
    "evidence-added": "The evidence is added.",
    "confirmed": "Your address is confirmed. Reviewers look at your application now.",
    "withdrawn": "The application is withdrawn.",
    "invited": "The invitation is on its way.",
    "mail-saved": "Your mail settings are saved. They count from the next digest on.",
    "mail-links-revoked": "The stop links in earlier mail no longer work.",
    "tries-failed": "Someone tried to sign in as you and failed since you were last here. Settings, Sessions says how often.",
    "kept-dropped": "What you had typed is dropped.",
    "member-released": "Unlocked: they can try to sign in again.",
    "signed-out": "You are signed out.",
}
WARNS = frozenset({"tries-failed"})
"""Those that tell of no success."""
