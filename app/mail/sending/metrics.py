"""The outbox in numbers for Prometheus: asked of the database when they are fetched, so they are right whichever process sends."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import DBAPIError

from app.core.db import Database
from app.mail.health.access import how_many
from app.mail.sending import overview

log = logging.getLogger(__name__)


class MailCollector:
    def __init__(self, db: Database) -> None:
        self._db = db

    def describe(self) -> list[Metric]:
        """Nothing is asked of the database when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            # A connection for the moment: each fetch comes in a thread of its own.
            with self._db.reader.connect() as conn:
                waiting, ended, off = overview.queue(conn), overview.ended(conn), how_many(conn)
        except DBAPIError as error:
            log.warning("no numbers about mail: %s", error)
            return
        queued = GaugeMetricFamily("squadroom_mail_queued", "Messages that wait to be sent.", labels=["kind"])
        for one in waiting:
            queued.add_metric([one.kind], one.count)
        yield queued
        yield GaugeMetricFamily("squadroom_mail_oldest_seconds", "How long the oldest of them has waited.", value=overview.age(waiting))
        messages = CounterMetricFamily("squadroom_mail_messages", "Messages by what became of them.", labels=["outcome"])
        for outcome, count in ended.items():
            messages.add_metric([outcome], count)
        yield messages
        yield GaugeMetricFamily("squadroom_mail_suppressed", "Addresses to which nothing is sent any more.", value=off)
