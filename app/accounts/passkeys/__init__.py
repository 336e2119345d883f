"""Passkeys (WebAuthn): a key on the member's own device that unlocks it with a finger, a face or a PIN. Both factors in one tap."""
