"""The association's own words at the first visit."""

from __future__ import annotations

from app.core.site import SiteRow
from tests.forum.test_threads import post_thread
from tests.world import World


def test_the_welcome_shows_until_something_was_read(world: World) -> None:
    words = "Good to have you here."
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="Cascade", address="1 Street", time_zone="UTC", welcome=words, welcome_html=f"<p>{words}</p>"))
    thread = post_thread(world)
    colleague = world.browser("colleague")
    assert words in colleague.get("/").text
    colleague.get(f"/threads/{thread}")
    assert words not in colleague.get("/").text
