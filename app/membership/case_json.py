"""A case in the contract's shape, for reviewers' scripts."""

from __future__ import annotations

from typing import Any

from app.membership.applications import queries


def _agency(row: Any) -> dict[str, Any] | None:
    if row.agency_id is None:
        return None
    return {
        "id": row.agency_id, "ori": row.agency_ori, "name": row.agency_full_name, "short_name": row.agency_short_name,
        "state": row.agency_record_state, "county": row.agency_county, "sworn": row.agency_sworn,
    }  # fmt: skip


def _person(member_id: int | None, name: str | None) -> dict[str, Any] | None:
    return None if member_id is None else {"id": member_id, "name": name}


def in_list(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "purpose": row.purpose, "state": row.state, "version": row.version, "applicant": {"name": row.name, "rank": row.rank},
        "agency": _agency(row), "agency_name": row.agency_name, "member_class": row.member_class,
        "claimed_by": _person(row.claimed_by, row.claimer), "claimed_until": row.claimed_until,
        "created_at": row.created_at, "submitted_at": row.submitted_at, "decided_at": row.decided_at,
    }  # fmt: skip


def _call_back(c: Any) -> dict[str, Any]:
    return {
        "id": c.id, "number": c.number, "found_at": c.found_at, "person": c.person, "spoke_at": c.spoke_at,
        "by": _person(c.caller_id, c.caller_name), "at": c.created_at,
    }  # fmt: skip


def _question(q: Any) -> dict[str, Any]:
    return {
        "id": q.id, "by": _person(q.asked_by, q.asked_name), "text": q.text, "at": q.asked_at, "answer": q.answer,
        "answered_at": q.answered_at,
    }  # fmt: skip


def _file(f: Any) -> dict[str, Any] | None:
    if f is None:
        return None
    return {
        "id": f.id, "name": f.name, "size": f.size, "media_type": f.media_type, "sha256": f.sha256.hex(),
        "shows_identity": f.shows_identity, "by_applicant": f.added_by is None, "at": f.created_at, "deleted_at": f.deleted_at,
    }  # fmt: skip


def _evidence(e: Any, file: Any) -> dict[str, Any]:
    return {
        "id": e.id, "kind": e.kind, "note": e.note, "by": _person(e.added_by, e.by), "by_applicant": e.added_by is None and not e.source,
        "at": e.created_at, "file": _file(file),
    }  # fmt: skip


def as_json(case: queries.Case) -> dict[str, Any]:
    """A case in the contract's shape."""
    row = case.row
    return in_list(row) | {
        "applicant": {"name": row.name, "rank": row.rank, "email": row.email},
        "supervisor": row.supervisor,
        "reach": row.reach,
        "statement": {"version": row.statement_version, "text": row.statement_text} if row.statement_version else None,
        "sponsor": _person(row.sponsor_id, row.sponsor),
        "checks": [{"key": c.key, "state": c.state, "reason": c.reason} for c in case.checks],
        "evidence": [_evidence(e, case.files.get(e.id)) for e in case.evidence],
        "call_backs": [_call_back(c) for c in case.call_backs],
        "waiver": case.waiver and {"by": _person(case.waiver.admin_id, case.waiver.admin_name), "reason": case.waiver.reason},
        "missing": case.todo,
        "questions": [_question(q) for q in case.questions],
        "decisions": [
            {"by": _person(d.reviewer_id, d.reviewer_name), "verdict": d.verdict, "reason": d.reason, "at": d.created_at}
            for d in case.decisions
        ],
        "notes": [{"id": n.id, "by": _person(n.author_id, n.author_name), "text": n.text, "at": n.created_at} for n in case.notes],
        "earlier": [{"id": e.id, "state": e.state, "at": e.created_at} for e in case.earlier],
    }
