"""The dashboard's news: as server-sent events, or to a script that asks every few seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic

from flask import Blueprint, Response, jsonify, request, stream_with_context

from jibit_sandbox.control.parameters import world_name
from jibit_sandbox.core.clock import now_in
from jibit_sandbox.core.context import Work, sandbox, work_in
from jibit_sandbox.core.models import World
from jibit_sandbox.dashboard.news import mark_in, news_since

LONGEST = 300  # seconds; then the browser begins again with its Last-Event-ID
PULSE = 1  # seconds between two looks
EXPIRY = 2  # seconds after which orders that are due expire without any call
SILENCE = 15  # seconds until a comment says that the connection lives
RETRY = 2000  # milliseconds until the browser comes back

feed = Blueprint("feed", __name__, url_prefix="/_sandbox/pages")


@feed.get("/news")
def news() -> Response:
    """Return what is new since ``?after=``, a mark, and the mark of now."""
    with work_in(world_name()) as work:
        mark, found = news_since(work, mark_in(request.args.get("after", "")))
    return jsonify(mark=str(mark), **found)


@feed.get("/stream")
def stream() -> Response:
    """Send what is new as it comes; 204 where as many listen as may: they ask in its place."""
    world, places = world_name(), sandbox().streams
    if not places.acquire(blocking=False):
        return Response(status=204)
    read = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    events = Listening(world, read).events()
    response = Response(stream_with_context(events), mimetype="text/event-stream")
    response.call_on_close(places.release)
    response.headers["Cache-Control"] = "no-store"
    return response


class Listening:
    """One open dashboard: how far it has read, and when it heard of anything."""

    def __init__(self, world: str, read: str) -> None:
        self.world, self.mark = world, mark_in(read)
        self.commits = -1
        self.heard_at = monotonic()
        self.expired_at = float("-inf")

    def events(self) -> Iterator[str]:
        """Give an event, a comment or, most of the time, nothing every second."""
        held_calls, ends = sandbox().held_calls, monotonic() + LONGEST
        yield f"retry: {RETRY}\n\n"
        while not held_calls.stopped and monotonic() < ends:
            said = self.event() or self.heartbeat()
            if said:
                self.heard_at = monotonic()
            yield said
            held_calls.delay(PULSE)

    def event(self) -> str:
        """Return what is new; nothing without a commit since the last look."""
        store = sandbox().store
        if monotonic() - self.expired_at >= EXPIRY:
            self.expired_at = monotonic()
            with work_in(self.world):
                pass  # it expires what is due
        commits, seen = store.commits, self.commits
        self.commits = commits
        if commits == seen:
            return ""
        with store.reading() as session:
            world = session.get_one(World, self.world)
            self.mark, found = news_since(Work(session, world, now_in(world)), self.mark)
        return f"event: news\nid: {self.mark}\ndata: {json.dumps(found)}\n\n" if found else ""

    def heartbeat(self) -> str:
        return ": nothing new\n\n" if monotonic() - self.heard_at >= SILENCE else ""
