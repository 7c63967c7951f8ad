"""A product in the words of schema.org, for search engines."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from storefront.catalogue.models import Product


def of_product(product: Product, category: str, category_name: str) -> dict[str, Any]:
    """Return the product, its offer, and where it stands."""
    home = current_app.config["PUBLIC_URL"]
    page = home + url_for("pages.product", slug=product.slug)
    card = home + url_for("static", filename=f"cards/{product.slug}.jpg")
    price = {"price": str(product.price_rials), "priceCurrency": "IRR"}
    shelf = f"{home}/categories/{category}"
    trail = [("ایوان", f"{home}/"), (category_name, shelf), (product.name_fa, page)]
    offer = {
        "@type": "Offer",
        "url": page,
        **price,
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            **price,
            "valueAddedTaxIncluded": True,
        },
        "availability": f"https://schema.org/{'InStock' if product.stock_free else 'OutOfStock'}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": "ایوان", "url": f"{home}/"},
    }
    good = {
        "@type": "Product",
        "name": product.name_fa,
        "description": product.description_fa,
        "sku": product.slug,
        "category": category_name,
        "url": page,
        "image": [card],
        "offers": offer,
    }
    steps = [
        {"@type": "ListItem", "position": place, "name": name, "item": address}
        for place, (name, address) in enumerate(trail, start=1)
    ]
    breadcrumbs = {"@type": "BreadcrumbList", "itemListElement": steps}
    return {"@context": "https://schema.org", "@graph": [good, breadcrumbs]}
