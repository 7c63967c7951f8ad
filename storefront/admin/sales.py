"""Show what was sold in a period, and hand it out as files for the accountant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from flask import (
    Response,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Connection

from storefront.admin import charts, days, exports
from storefront.admin.access import area, client, person
from storefront.admin.periods import Days, asked_days
from storefront.admin.sales_words import PRESETS, VIEWS
from storefront.core.database import one_moment, transaction
from storefront.core.formats import digits
from storefront.core.services import current_services
from storefront.orders import sales, sales_rows
from storefront.orders.sales import Sold, Sums
from storefront.staff import log
from storefront.staff.models import Role
from storefront.web.language import current_language

blueprint = area("sales", needs=Role.OWNER)

MOST_PRODUCTS = 100


@blueprint.get("/sales")
def show() -> ResponseReturnValue:
    """Return the figures of a period, in one table at a time."""
    asked = request.args
    by = asked.get("by", "day")
    by = by if by in VIEWS else "day"
    found, wrong = _asked_days()
    with one_moment() as connection:
        page = {
            "totals": sales.totals(connection, found.period),
            "refunds": sales.count_refunds(connection, found.period),
            **_table(connection, by, found),
        }
    return render_template(
        "admin/sales.html",
        **page,
        **_asked(found, wrong),
        by=by,
        views=VIEWS,
        presets=PRESETS,
        wrong=wrong,
    ), 422 if wrong else 200


def _asked(found: Days, wrong: dict[str, str]) -> dict[str, Any]:
    """Return the period for the addresses of links, and what stands in the form."""
    language = current_language()
    written = {"since": found.first, "until": found.last}
    kept = {name: days.written(day, language) for name, day in written.items()}
    typed = {name: request.args.get(name, "") for name in kept}
    return {"days": found, "kept": kept, "asked": typed if wrong else kept}


def _table(connection: Connection, by: str, found: Days) -> dict[str, Any]:
    tables = {"day": _by_day, "gateway": _by_gateway, "product": _by_product}
    return tables.get(by, _by_category)(connection, found)


def _by_day(connection: Connection, found: Days) -> dict[str, Any]:
    each = [(day, sales.totals(connection, Days(day, day).period)) for day in found.each()]
    language = current_language()
    labels = [digits(days.written(day, language), language) for day, _sums in each]
    rows = [(label, sums) for label, (_day, sums) in zip(labels, each, strict=True)]
    amounts = [(label[5:], sums.sales_rials) for label, sums in rows]
    return {"rows": rows, "chart": charts.columns(amounts, from_right=language == "fa")}


def _by_gateway(connection: Connection, found: Days) -> dict[str, Any]:
    rows: list[tuple[str, Sums]] = list(sales.by_gateway(connection, found.period).items())
    amounts = [(name, sums.sales_rials) for name, sums in rows]
    return {"rows": rows, "chart": charts.bars(amounts, from_right=current_language() == "fa")}


def _by_product(connection: Connection, found: Days) -> dict[str, Any]:
    return _goods(sales.by_product(connection, found.period, MOST_PRODUCTS))


def _by_category(connection: Connection, found: Days) -> dict[str, Any]:
    return _goods(sales.by_category(connection, found.period))


def _goods(sold: list[Sold]) -> dict[str, Any]:
    """Return rows of goods with what they come to; the page says what is left of all goods."""
    language = current_language()
    rows = [(getattr(each, f"name_{language}"), each) for each in sold]
    amounts = [(name, each.products_rials) for name, each in rows]
    shown = Sums(
        pieces=sum(s.pieces for s in sold), products_rials=sum(s.products_rials for s in sold)
    )
    chart = charts.bars(amounts, from_right=language == "fa")
    return {"rows": rows, "shown": shown, "chart": chart}


@blueprint.get("/sales/orders.csv")
def export_orders() -> ResponseReturnValue:
    """Send the orders of a period as a CSV file, while it is being read."""
    found, wrong = _asked_days()
    if wrong:
        return _back()
    rows = exports.order_cells(sales_rows.orders(found.period))
    return _streamed("orders", found, exports.as_csv(exports.order_headings(), rows))


@blueprint.get("/sales/refunds.csv")
def export_refunds() -> ResponseReturnValue:
    """Send the refunds of a period likewise."""
    found, wrong = _asked_days()
    if wrong:
        return _back()
    rows = exports.refund_cells(sales_rows.refunds(found.period))
    return _streamed("refunds", found, exports.as_csv(exports.refund_headings(), rows))


@blueprint.get("/sales/sales.xlsx")
def export_workbook() -> ResponseReturnValue:
    """Send both as a workbook, which is made first."""
    found, wrong = _asked_days()
    if wrong:
        return _back()
    with one_moment() as connection:
        rows = sales.totals(connection, found.period).orders
    if rows > exports.MOST_SHEET_ROWS:
        flash(_("That is too much for one Excel file: take the CSV files, or fewer days."), "error")
        return _back()
    name = _noted("sales", found, ".xlsx")
    file = TemporaryFile()  # noqa: SIM115 - closed with the answer
    exports.write_workbook(file, _sheets(found), from_right=current_language() == "fa")
    content = _content(file)
    size = next(content)
    answer = Response(content, mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.content_length = size
    return answer


def _content(file: IO[bytes]) -> Iterator[Any]:
    """Yield how long a file is, then what is in it; close it, however far it was read."""
    with file:
        yield file.tell()
        file.seek(0)
        while part := file.read(CHUNK):
            yield part


CHUNK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _sheets(found: Days) -> Iterator[exports.Sheet]:
    orders = exports.order_cells(sales_rows.orders(found.period))
    yield _("Orders"), exports.order_headings(), orders
    refunds = exports.refund_cells(sales_rows.refunds(found.period))
    yield _("Refunds"), exports.refund_headings(), refunds


def _asked_days() -> tuple[Days, dict[str, str]]:
    return asked_days(request.args, days.today(current_services().clock()))


def _back() -> ResponseReturnValue:
    """Show the page, which says what is wrong with the days."""
    kept: dict[str, Any] = {name: request.args.get(name, "")[:100] for name in ("since", "until")}
    return redirect(url_for("admin_sales.show", **kept), 303)


def _streamed(name: str, found: Days, content: Iterable[str]) -> Response:
    file = _noted(name, found, ".csv")
    answer = Response(stream_with_context(iter(content)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=file)
    return answer


def _noted(name: str, found: Days, suffix: str) -> str:
    """Write into the log who takes the file, as it has customers' names; return its name."""
    written = (days.written(day, current_language()) for day in (found.first, found.last))
    file = f"{name}-{'-'.join(written).replace('/', '-')}{suffix}"
    now = current_services().clock()
    with transaction():
        log.note("sales_exported", person().name, now, client=client(), file=file)
    return file
