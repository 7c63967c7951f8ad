"""Find the pictures that a catalogue file names, among those that the shop can show."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from storefront.catalogue.files.numbers import WrongCell
from storefront.catalogue.files.problems import N_

STATIC = Path(__file__).parents[3] / "static"
FOLDER = "goods"
NO_PICTURE = "art/no-picture.svg"  # shown for products that have none
SUFFIXES = (".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif")

ELSEWHERE = N_(
    "is an address on another site: put the file into static/goods and write its name, for example"
    " tea-glass.jpg"
)
NOT_THERE = N_("there is no such picture: put the file into static/goods, or leave the cell empty")
NEARLY_THERE = N_("there is no such picture: did you mean %(name)s?")
NO_PICTURE_FILE = N_("is no picture: write the name of a file that ends in %(suffixes)s")


class Pictures:
    """The pictures in the folder of static files; each is looked for once."""

    def __init__(self, static: Path = STATIC) -> None:
        self._static = static
        self._found: dict[str, str] = {}

    def named(self, text: str) -> str:
        """Return the path of a picture below ``static``. Raises :class:`WrongCell`."""
        if text not in self._found:
            self._found[text] = self._look_for(text)
        return self._found[text]

    def _look_for(self, text: str) -> str:
        if "://" in text or text.startswith(("//", "www.")):
            raise WrongCell(ELSEWHERE)
        path = PurePosixPath(text.replace("\\", "/").removeprefix("/").removeprefix("static/"))
        if path.suffix.lower() not in SUFFIXES:
            raise WrongCell(NO_PICTURE_FILE, suffixes=", ".join(SUFFIXES))
        for place in (path, FOLDER / path):
            if ".." not in path.parts and len(str(place)) < 200 and self._is_file(place):
                return str(place)
        close = get_close_matches(path.name, self._names(), n=1, cutoff=0.8)
        raise WrongCell(NEARLY_THERE, name=close[0]) if close else WrongCell(NOT_THERE)

    def _is_file(self, place: PurePosixPath) -> bool:
        try:
            return (self._static / place).is_file()
        except (OSError, ValueError):
            return False

    def _names(self) -> list[str]:
        folder = self._static / FOLDER
        files = folder.iterdir() if folder.is_dir() else ()
        return [file.name for file in files if file.suffix.lower() in SUFFIXES]
