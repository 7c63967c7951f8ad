"""Import and export products as CSV, XLSX and JSON."""

from storefront.catalogue.files.checking import CatalogueFile
from storefront.catalogue.files.importing import BUNDLED, read, seed
from storefront.catalogue.files.planning import Plan
from storefront.catalogue.files.problems import Problem, WrongFile
from storefront.catalogue.files.storing import preview, store

__all__ = [
    "BUNDLED",
    "CatalogueFile",
    "Plan",
    "Problem",
    "WrongFile",
    "preview",
    "read",
    "seed",
    "store",
]
