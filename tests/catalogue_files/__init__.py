"""Sixty and more catalogue files, as merchants send them."""

from tests.catalogue_files import foreign, json_files, right_csv, sheets, wrong_csv
from tests.catalogue_files.building import Case

CASES: list[Case] = [
    *right_csv.CASES,
    *wrong_csv.CASES,
    *sheets.CASES,
    *json_files.CASES,
    *foreign.CASES,
]
