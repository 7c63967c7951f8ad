"""Exports of WooCommerce and Shopify, with the columns that these write."""

from __future__ import annotations

from tests.catalogue_files.building import right, text_of, wrong

WOO = (
    *("ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?"),
    *("Visibility in catalog", "Short description", "Description", "Date sale price starts"),
    *("Date sale price ends", "Tax status", "Tax class", "In stock?", "Stock", "Low stock amount"),
    *("Backorders allowed?", "Sold individually?", "Weight (kg)", "Length (cm)", "Width (cm)"),
    *("Height (cm)", "Allow customer reviews?", "Purchase note", "Sale price", "Regular price"),
    *("Categories", "Tags", "Shipping class", "Images", "Download limit", "Download expiry days"),
    *("Parent", "Grouped products", "Upsells", "Cross-sells", "External URL", "Button text"),
    *("Position", "Brands", "Attribute 1 name", "Attribute 1 value(s)", "Attribute 1 visible"),
    "Attribute 1 global",
)
PERSIAN_WOO = (
    *("شناسه", "نوع", "شناسه محصول", "نام", "منتشر شده", "آیا ویژه است؟", "قابل مشاهده در کاتالوگ"),
    *("توضیح کوتاه", "توضیحات", "در انبار؟", "انبار", "قیمت فروش ویژه", "قیمت عادی"),
    *("دسته‌ها", "برچسب‌ها", "تصاویر", "مادر", "موقعیت"),
)
SHOPIFY = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name"),
    *("Option3 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker"),
    *("Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service"),
    *("Variant Price", "Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable"),
    *("Variant Barcode", "Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title"),
    *("SEO Description", "Variant Image", "Variant Weight Unit", "Cost per item", "Status"),
)
NEW_SHOPIFY = (
    *("Title", "URL handle", "Description", "Vendor", "Product category", "Type", "Tags"),
    *("Published on online store", "Status", "SKU", "Barcode", "Option1 name", "Option1 value"),
    *("Option2 name", "Option2 value", "Price", "Compare-at price", "Inventory tracker"),
    *("Inventory quantity", "Weight value (grams)", "Product image URL", "Image position"),
    "Variant image URL",
)


def export(heads: tuple[str, ...], *rows: dict[str, str]) -> bytes:
    """An export with these cells; the others are empty."""
    table = [heads, *([row.get(head, "") for head in heads] for row in rows)]
    return b"\xef\xbb\xbf" + text_of(table, end="\n").encode()


SIMPLE = {
    "ID": "10",
    "Type": "simple",
    "SKU": "CUP_1",
    "Name": "فنجان",
    "Published": "1",
    "Description": "<p>سفید &amp; سبک</p>\\n<ul><li>شش تکه</li></ul>",
    "Stock": "12",
    "Regular price": "120000",
    "Categories": "چای > فنجان, هدیه",
    "Weight (kg)": "0.2",
    "Images": "https://a.ir/wp-content/uploads/speckled-mug.svg, https://a.ir/2.jpg",
}
VARIABLE = {
    "ID": "20",
    "Type": "variable",
    "SKU": "RUG",
    "Name": "گلیم",
    "Published": "1",
    "Categories": "فرش",
    "Description": "پشم",
    "Images": "https://a.ir/rug.jpg",
    "Attribute 1 name": "رنگ",
    "Attribute 1 value(s)": "سرخ, آبی",
}


def variation(number: str, colour: str, parent: str, **more: str) -> dict[str, str]:
    """One colour of the rug."""
    named = {"ID": number, "Type": "variation", "Name": f"گلیم - {colour}", "Published": "1"}
    stock = {"Regular price": "900000", "Parent": parent, "In stock?": "1"}
    return {**named, **stock, "Attribute 1 value(s)": colour, **more}


WOO_ROWS = (
    SIMPLE,
    VARIABLE,
    variation("21", "سرخ", "RUG", SKU="RUG-RED", Stock="2"),
    variation("22", "آبی", "id:20", **{"Sale price": "800000"}),
    {**SIMPLE, "ID": "11", "SKU": "OLD", "Published": "-1", "Name": "قدیمی"},
    {**SIMPLE, "ID": "12", "SKU": "", "Regular price": "", "Name": "بی‌قیمت"},
    {"ID": "30", "Type": "grouped", "Name": "سرویس", "Published": "1"},
    variation("99", "سبز", "GONE"),
)
PERSIAN_ROW = {
    "شناسه": "7",
    "نوع": "simple",
    "نام": "قوری",
    "منتشر شده": "1",
    "قیمت عادی": "450000",
    "انبار": "",
    "در انبار؟": "0",
    "دسته‌ها": "چای",
}
SHIRT = {
    "Handle": "shirt",
    "Title": "پیراهن",
    "Body (HTML)": "<p>نخی</p>",
    "Type": "پوشاک",
    "Published": "TRUE",
    "Status": "active",
    "Option1 Name": "Size",
    "Option1 Value": "S",
    "Variant Price": "250000",
    "Variant Inventory Qty": "4",
    "Vendor": "Acme",
    "Image Src": "https://cdn.shopify.com/shirt.jpg?v=1",
}
MEDIUM = {
    "Handle": "shirt",
    "Option1 Value": "M",
    "Variant Price": "260000",
    "Variant Inventory Qty": "-2",
}
HAT = {
    "Handle": "hat",
    "Title": "کلاه",
    "Product Category": "Apparel > Hats",
    "Published": "TRUE",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Price": "90000",
    "Status": "active",
}
NEW_HAT = {
    "URL handle": "hat",
    "Title": "کلاه",
    "Description": "گرم",
    "Type": "کلاه",
    "Status": "active",
    "Option1 name": "Title",
    "Option1 value": "Default Title",
    "Price": "90000.00",
    "Inventory quantity": "3",
    "Published on online store": "TRUE",
}

CASES = [
    right(
        "woocommerce",
        export(WOO, *WOO_ROWS),
        {"cup-1": 1_200_000, "rug-red": 9_000_000, "product-22": 9_000_000},
        prices_in="toman",
        values={
            "cup-1": {
                "name_fa": "فنجان",
                "category": "fnjan",
                "image": "goods/speckled-mug.svg",
                "description_fa": "سفید & سبک\n\nشش تکه",
                "stock": 12,
            },
            "rug-red": {"name_fa": "گلیم - سرخ", "description_fa": "پشم", "stock": 2},
        },
        notes=(
            *("not published", "قدیمی", "without a price", "بی‌قیمت", "grouped", "سرویس"),
            *("sale prices", "product-22", "rug.jpg", "Weight (kg)", "سبز"),
        ),
    ),
    right(
        "woocommerce in Persian",
        export(PERSIAN_WOO, PERSIAN_ROW),
        {"product-7": 4_500_000},
        prices_in="toman",
        values={"product-7": {"stock": 0, "category": "chai"}},
    ),
    wrong("woocommerce, no unit", export(WOO, SIMPLE), "line 1, Regular price", "--prices-in"),
    wrong(
        "woocommerce, a wrong price",
        export(WOO, SIMPLE, {**SIMPLE, "ID": "2", "SKU": "B", "Regular price": "?"}),
        *("line 3, Regular price «?»", "is no number"),
        prices_in="rials",
    ),
    right(
        "shopify",
        export(
            SHOPIFY,
            SHIRT,
            MEDIUM,
            {"Handle": "shirt", "Image Src": "https://b/2.jpg"},
            HAT,
            {**HAT, "Handle": "old-hat", "Status": "draft"},
            {"Handle": "Note: red"},
        ),
        {"shirt-s": 2_500_000, "shirt-m": 2_600_000, "hat": 900_000},
        prices_in="toman",
        values={
            "shirt-m": {"name_fa": "پیراهن - M", "description_fa": "نخی", "stock": 0},
            "hat": {"category": "hats", "category_name_fa": "Hats"},
        },
        notes=("not published", "old-hat", "shirt.jpg", "stock below zero", "Vendor", "Note: red"),
    ),
    right(
        "shopify with its new headings",
        export(NEW_SHOPIFY, NEW_HAT),
        {"hat": 900_000},
        prices_in="toman",
        values={"hat": {"stock": 3}},
    ),
]
