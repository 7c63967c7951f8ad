"""Keep with whose name an import changed products and their stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from storefront.catalogue.changes import CatalogueChange
from storefront.catalogue.files.planning import Plan, Values
from storefront.catalogue.stock_changes import StockChange, StockChangeKind
from storefront.core.database import db

_NOT_TOLD = {"retired_at", "stock_free", "stock_received"}
Rows = Iterator[dict[str, Any]]


def keep(planned: Plan, ids: Mapping[str, int], *, by: str, now: datetime) -> None:
    """Write the history of what was imported; ``ids`` are those of the added products by slug."""
    same = {"at": now, "by": by[:60]}
    changes, stock = list(_changes(planned, ids)), list(_stock(planned, ids))
    if changes:
        db.session.execute(insert(CatalogueChange), [row | same for row in changes])
    if stock:
        db.session.execute(insert(StockChange), [row | same for row in stock])


def _changes(planned: Plan, ids: Mapping[str, int]) -> Rows:
    for each in planned.added:
        yield _change(ids[each["slug"]], 0, {"created": [None, each["slug"]]})
    for before, after in planned.changed:
        told = [name for name in after if name not in _NOT_TOLD and before[name] != after[name]]
        made = {name: [before[name], after[name]] for name in told}
        if before["retired_at"] is not None:
            made["off_sale"] = [True, False]
        if made:
            yield _change(before["id"], before["version"] + 1, made)
    for each in planned.retired:
        yield _change(each["id"], each["version"], {"off_sale": [False, True]})


def _change(product_id: int, version: int, changes: dict[str, Any]) -> dict[str, Any]:
    return {"product_id": product_id, "version": version, "changes": changes}


def _stock(planned: Plan, ids: Mapping[str, int]) -> Rows:
    for each in planned.added:
        if each["stock_free"]:
            yield _stock_row(ids[each["slug"]], each["stock_free"], each)
    for before, after in planned.changed:
        pieces = after["stock_free"] - before["stock_free"]
        if pieces:
            yield _stock_row(before["id"], pieces, after)


def _stock_row(product_id: int, pieces: int, after: Values) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "kind": StockChangeKind.IMPORTED,
        "pieces": pieces,
        "free_after": after["stock_free"],
        "reason": "",
    }
