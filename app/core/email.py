"""Addresses of people: one strict form (V6). No display names, no comments, no quoted parts, ASCII after IDNA."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def normalise(address: str) -> str:
    """`Local@Domain` as it is stored and compared: lower case, the domain in ASCII. ValueError says what is wrong.

    Lower-casing the local part is a choice: no agency's server tells Chief@ from chief@, and people type both.
    """
    from email_validator import EmailNotValidError, validate_email  # late: 30 ms at start that signing in alone needs

    address = address.strip()
    if len(address) > 254 or any(c in address for c in '"()<>,;:\\[] \t\r\n\0') or "=?" in address:
        raise ValueError("must be a plain address such as name@agency.gov")
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True)
    except EmailNotValidError:
        raise ValueError("must be a plain address such as name@agency.gov") from None
    return (found.ascii_email or found.normalized).lower()


Email = Annotated[str, AfterValidator(normalise)]
