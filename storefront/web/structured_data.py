"""Say what a page shows in the words of schema.org, for search engines.

Templates write it as JSON into a ``<script>`` that holds data: browsers do not run it, and the
content policy has nothing against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app

from storefront.catalogue.models import Category, CategoryEntry, Product
from storefront.core.seller import current_seller
from storefront.core.services import current_services
from storefront.web.filters import in_language
from storefront.web.language import DEFAULT, current_language
from storefront.web.templating import kept_url_for

LONGEST_DESCRIPTION = 5_000
_IN_STOCK = {True: "https://schema.org/InStock", False: "https://schema.org/OutOfStock"}

Thing = dict[str, Any]


def of_shop() -> Thing:
    """Return who keeps the shop, and how its products are searched."""
    search = f"{_public(kept_url_for('catalogue.search'))}?q={{search_term_string}}"
    return _graph(
        {**_shop(), "logo": _public(kept_url_for("static", filename="icons/icon-512.png"))},
        {
            "@type": "WebSite",
            "name": current_seller().name(current_language()),
            "url": _page(kept_url_for("catalogue.index")),
            "inLanguage": current_language(),
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": search},
                "query-input": "required name=search_term_string",
            },
        },
    )


def of_category(category: Category | CategoryEntry) -> Thing:
    """Return where a category stands."""
    return _graph(_trail(category))


def of_product(product: Product, pictures: Sequence[str]) -> Thing:
    """Return a product, its offer, and where it stands; ``pictures`` are paths, the best first."""
    path = kept_url_for("catalogue.product", slug=product.slug)
    name = in_language(product, "name")
    about = {
        "@type": "Product",
        "name": name,
        "description": (in_language(product, "description") or name)[:LONGEST_DESCRIPTION],
        "sku": product.slug,
        "category": in_language(product.category, "name"),
        "url": _page(path),
        "image": [_public(picture) for picture in pictures],
        "offers": _offer(product, path),
    }
    return _graph(about, _trail(product.category, (name, path)))


def _offer(product: Product, path: str) -> Thing:
    """Return what one piece costs, as the page says it."""
    price = {"price": str(product.price_rials), "priceCurrency": "IRR"}
    return {
        "@type": "Offer",
        "url": _page(path),
        **price,
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            **price,
            "valueAddedTaxIncluded": current_services().prices.with_tax,
        },
        "availability": _IN_STOCK[product.stock_free > 0],
        "itemCondition": "https://schema.org/NewCondition",
        "seller": _shop(),
    }


def _shop() -> Thing:
    return {
        "@type": "Organization",
        "name": current_seller().name(current_language()),
        "url": _public(kept_url_for("catalogue.index")),
    }


def _trail(category: Category | CategoryEntry, *below: tuple[str, str]) -> Thing:
    steps = (
        (current_seller().name(current_language()), kept_url_for("catalogue.index")),
        (in_language(category, "name"), kept_url_for("catalogue.category", slug=category.slug)),
        *below,
    )
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": _page(path)}
            for place, (name, path) in enumerate(steps, start=1)
        ],
    }


def _graph(*things: Thing) -> Thing:
    return {"@context": "https://schema.org", "@graph": list(things)}


def _page(path: str) -> str:
    """Return the one address of a page in this language."""
    language = current_language()
    return _public(path if language == DEFAULT else f"{path}?lang={language}")


def _public(path: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}{path}"
