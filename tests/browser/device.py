"""A device that holds passkeys, as Chromium plays one: it verifies its owner at once, without a finger or a PIN."""

from __future__ import annotations

from playwright.sync_api import Page

_DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def plug_in(page: Page) -> None:
    """Give this page's tab such a device."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
