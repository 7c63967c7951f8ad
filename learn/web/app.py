"""The application behind the pages. Everything works without JavaScript."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from jibit_sandbox.behaviours.catalogue import API_CALLS, PAGE_CALLS
from jibit_sandbox.testing import running_sandbox
from learn import chapters
from learn.controls import Controls, NoSandbox
from learn.errors import CannotDo
from learn.lab import NotYet
from learn.shop_process import ShopProcess
from learn.speaking import SAID, SEPARATORS, Speaker
from learn.web.addresses import with_addresses
from learn.web.guard import install_guard
from learn.web.words import WORDS
from learn.workshop import Workshop

PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
QUARTER = 900  # seconds
MOST_TIMES = 1_000
LONGEST_LINE = 500
LANGUAGE = "learn_language"  # a cookie: the sandbox shows its pages in the language of the course
SHOP_STATES = {
    "missing": "shop missing",
    "starts": "shop starts",
    "runs": "shop runs",
    "fails": "shop fails",
}

pages = Blueprint("pages", __name__)


@dataclass
class Desk:
    """What the pages work with."""

    workshop: Workshop
    controls: Controls
    shop: ShopProcess
    site: Path
    said: dict[int, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    checking: Lock = field(default_factory=Lock)

    def remember(self, sentence: str) -> int:
        """Keep a sentence for the page that follows; return its number."""
        number = next(self.numbers)
        self.said = {number: sentence}
        return number


def create_app(desk: Desk, url: str) -> Flask:
    """Return the application, which answers under this address only."""
    app = Flask("learn.web")
    app.extensions["desk"] = desk
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.url_map.strict_slashes = False
    sandbox, shop = desk.controls.addresses.sandbox, desk.shop.url
    install_guard(app, url, [sandbox, shop])
    app.template_filter("digits")(digits)
    app.add_url_rule("/course/<path:path>", "course", course)
    app.register_blueprint(pages)
    return app


def desk() -> Desk:
    found = current_app.extensions["desk"]
    assert isinstance(found, Desk)  # noqa: S101 # for the type checker
    return found


def digits(text: object, language: str) -> str:
    """Return the text, with Persian digits for a Persian page."""
    return str(text).translate(PERSIAN_DIGITS) if language == "fa" else str(text)


def course(path: str) -> Response:
    """Return a file of the built course; a page names the shop and the sandbox that run."""
    if not path.endswith(".html"):
        return send_from_directory(desk().site, path)
    # No 304: the page also changes with the ports, which the file's time does not show.
    answer = send_from_directory(desk().site, path, conditional=False, etag=False)
    answer.direct_passthrough = False
    answer.set_data(with_addresses(answer.get_data(as_text=True), desk().controls.addresses))
    return answer


@pages.get("/")
def choose() -> AnyResponse:
    """Go to the language that the browser asks for."""
    language = request.accept_languages.best_match(list(WORDS), "en")
    return redirect(url_for("pages.index", language=language))


@pages.get("/<language>/")
@pages.get("/<language>/<int:number>")
def index(language: str, number: int | None = None) -> Response:
    """Show the course, the shop and the sandbox; the number is the chapter's."""
    words, (other,) = words_of(language), (one for one in WORDS if one != language)
    number = number if number is not None else desk().workshop.chapter or 0
    if number > chapters.LAST:
        abort(404)
    shown = render_template(
        "index.html",
        words=words,
        language=language,
        other=other,
        number=number,
        page=page_of(language, number),
        shop=desk().shop.url,
        sandbox=desk().controls.addresses.sandbox,
    )
    answer = Response(shown)
    answer.set_cookie(LANGUAGE, language, httponly=True, samesite="Lax")
    return answer


@pages.get("/<language>/controls")
def controls(language: str) -> str:
    """Show the buttons, how the shop is, and what the last button did."""
    words, say = words_of(language), Speaker(language)
    workshop = desk().workshop
    state, error = desk().shop.standing()
    done = SEPARATORS[language].join(map(str, workshop.done)) or SAID[language]["none"]
    try:
        behaviours = [one["name"] for one in desk().controls.behaviours()]
    except NoSandbox:
        behaviours = []
    return render_template(
        "controls.html",
        words=words,
        language=language,
        said=desk().said.get(request.args.get("said", 0, int)),
        shop=say.sentence(SHOP_STATES[state], url=desk().shop.url, why=error),
        state=state,
        done=words["done"].format(done=done),
        chapter=request.args.get("chapter", 0, int) or workshop.chapter or 1,
        chapters=range(1, chapters.LAST + 1),
        page_of=page_of,
        behaviours=behaviours,
        operations=API_CALLS + PAGE_CALLS,
        most_times=MOST_TIMES,
        longest_line=LONGEST_LINE,
    )


def words_of(language: str) -> dict[str, str]:
    return WORDS[language] if language in WORDS else abort(404)


def page_of(language: str, number: int) -> str:
    """Return the address of a chapter's page."""
    path = f"{language}/learn/course/{language}/{number:02}.html"
    there = (desk().site / path).is_file()
    return url_for("course", path=path if there else f"{language}/index.html")


# The buttons. Each does something, and leads back to the page of the buttons with a sentence.

Button = Callable[[Speaker], str]


def button(name: str) -> Callable[[Button], Button]:
    """Offer a function as the button of this name."""

    def add(press: Button) -> Button:
        def view(language: str) -> AnyResponse:
            words_of(language)
            say = Speaker(language)
            try:
                sentence = press(say)
            except CannotDo as error:
                sentence = say.sentence(error.key, **error.values)
            number = desk().remember(sentence)
            chapter = request.form.get("number")  # the page goes on with the one that was chosen
            back = url_for("pages.controls", language=language, said=number, chapter=chapter)
            return redirect(back, 303)

        pages.add_url_rule(f"/<language>/{name}", name, view, methods=["POST"])
        return press

    return add


@button("later")
def later(say: Speaker) -> str:
    desk().controls.later(QUARTER)
    return say.sentence("later", minutes=say.duration(QUARTER))


@button("behave")
def behave(say: Speaker) -> str:
    name, operation = request.form.get("name", ""), request.form.get("operation") or None
    times = request.form.get("times", 1, int)
    if not 1 <= times <= MOST_TIMES:
        abort(422)
    description = desk().controls.behave(name, operation, times)
    return say.behaviour(name, operation, times, description)


@button("behave-again")
def behave_again(say: Speaker) -> str:
    desk().controls.behave_again()
    return say.sentence("behaves again")


@button("kill")
def kill(say: Speaker) -> str:
    return say.sentence("shop restarts" if desk().shop.kill() else "not running")


@button("kill-at")
def kill_at(say: Speaker) -> str:
    line = desk().controls.kill_at(request.form.get("line", "")[:LONGEST_LINE])
    return say.sentence("armed", number=line.number, text=line.text)


@button("start")
def start(say: Speaker) -> str:
    number = request.form.get("number", 0, int)
    aside = desk().workshop.start(number)
    desk().workshop.keep_language(say.language)
    desk().controls.begin_anew()
    sentence = say.sentence("started", number=number, shop=short(desk().workshop.shop))
    return sentence + (" " + say.sentence("aside", aside=short(aside)) if aside else "")


@button("check")
def check(say: Speaker) -> str:
    number, workshop = request.form.get("number", 0, int), desk().workshop
    program = workshop.program_for(number)
    with desk().checking:
        try:
            with running_sandbox() as sandbox:
                chapters.check(number, program, sandbox, say.language)
        except NotYet as error:
            return say.sentence("wrong", number=number, why=error.said[say.language])
    workshop.finish(number)
    return say.sentence(
        "last" if number == chapters.LAST else "right", number=number, next=number + 1
    )


def short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
