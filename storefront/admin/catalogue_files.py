"""Import products from a file after a look at what would change, and export them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.admin import days
from storefront.admin.access import area
from storefront.admin.products import by_now
from storefront.admin.uploads import take_files
from storefront.catalogue import files
from storefront.catalogue.files import exporting, uploads
from storefront.catalogue.files.problems import filled
from storefront.catalogue.files.storing import OtherPlan
from storefront.catalogue.files.tables import MOST_BYTES
from storefront.catalogue.files.uploads import Gone
from storefront.cli.catalogue_report import counted, rows
from storefront.core.database import end_reading
from storefront.core.services import current_services
from storefront.staff.models import Role
from storefront.web.language import current_language

blueprint = area("catalogue_files", needs=Role.CLERK)
take_files(blueprint, "upload")
MOST_SHOWN = 500  # changes that the preview lists; the others are counted
UNITS = ("toman", "rials")
MIMETYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def _folder() -> Path:
    return Path(current_app.config["UPLOADS_FOLDER"]) / "catalogue"


@blueprint.get("/products/files")
def show() -> ResponseReturnValue:
    """Return the ways to bring a file in and to get one."""
    return _start(200)


def _start(status: int, **also: Any) -> ResponseReturnValue:
    most = MOST_BYTES // 10**6
    return render_template("admin/catalogue_files.html", most=most, **also), status


@blueprint.post("/products/files")
def upload() -> ResponseReturnValue:
    """Keep the file, and show what it would change."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _start(422, trouble=_("Choose a file first."))
    name = uploads.keep(file.stream, _folder(), current_services().clock())  # type: ignore[arg-type]
    unit = request.form.get("prices_in", "")
    asked: dict[str, Any] = {
        "prices_in": unit if unit in UNITS else None,
        "retire": "yes" if request.form.get("retire") else None,
    }
    return redirect(url_for("admin_catalogue_files.preview", name=name, **asked), 303)


@blueprint.get("/products/files/<name>")
def preview(name: str) -> ResponseReturnValue:
    """Return what the file would change, or what is wrong with it."""
    try:
        path = uploads.path_of(name, _folder())
        return _preview(path, name, 200)
    except Gone:
        return _gone()


def _preview(path: Path, name: str, status: int, **also: Any) -> ResponseReturnValue:
    language = current_language()
    try:
        content = _content(path)
        planned = files.preview(content, retire_missing=_retires())
    except files.WrongFile as error:
        return _refused(error)
    lines = list(islice(rows(planned, language), MOST_SHOWN))
    counts = planned.counts()
    total = sum(counts.values()) - counts["unchanged"] + len(planned.new_categories)
    return render_template(
        "admin/catalogue_preview.html",
        name=name,
        lines=lines,
        left_out=max(0, total + len(planned.changed_categories) - len(lines)),
        counts=counts,
        shown=planned.fingerprint(),
        not_taken=[filled(_(text), details, language) for text, details in content.notes],
        asked={
            each: request.args[each] for each in ("prices_in", "retire") if each in request.args
        },
        **also,
    ), status


def _content(path: Path) -> files.CatalogueFile:
    unit = request.args.get("prices_in", "")
    end_reading()
    prices = current_services().prices
    return files.read(path, prices=prices, prices_in=unit if unit in UNITS else "")


def _retires() -> bool:
    return request.args.get("retire") == "yes"


def _refused(error: files.WrongFile) -> ResponseReturnValue:
    problems = [problem.sentence(_, current_language()) for problem in error.problems]
    return _start(422, problems=problems, more=error.more)


def _gone() -> ResponseReturnValue:
    flash(_("This file was imported already, or it is too old: upload it again."), "error")
    return redirect(url_for("admin_catalogue_files.show"), 303)


@blueprint.post("/products/files/<name>")
def apply(name: str) -> ResponseReturnValue:
    """Import exactly what was shown; if it would be something else by now, show that instead."""
    try:
        with uploads.taken(name, _folder()) as path:
            counts = files.store(
                _content(path),
                retire_missing=_retires(),
                shown=request.form.get("shown", "")[:64] or "nothing",
                **by_now(),
            )
    except Gone:
        return _gone()
    except OtherPlan:
        trouble = _("The shop has changed since you looked. Nothing was imported: look again.")
        return _preview(uploads.path_of(name, _folder()), name, 409, trouble=trouble)
    except files.WrongFile as error:
        return _refused(error)
    flash(counted(counts, current_language()), "success")
    return redirect(url_for("admin_products.show_list"), 303)


@blueprint.get("/products/export.<any(csv, xlsx, json):kind>")
def export(kind: str) -> ResponseReturnValue:
    """Return all products that are on sale as a file; with ``stock=no`` without their stock."""
    found = list(exporting.sold_products(stock=request.args.get("stock") != "no"))
    return _download(found, kind, f"products-{days.today(current_services().clock())}")


@blueprint.get("/products/example.<any(csv, xlsx):kind>")
def example(kind: str) -> ResponseReturnValue:
    """Return a file with two example rows."""
    return _download(exporting.EXAMPLES, kind, "example")


def _download(found: Any, kind: str, name: str) -> Response:
    content = exporting.written(found, f".{kind}", persian=current_language() == "fa")
    answer = Response(content, mimetype=MIMETYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
