"""Check the settings about the seller: return the value, or raise ValueError saying what to write.

What stands here is shown to everybody: none of it is a secret.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from storefront.core.colours import rgb
from storefront.core.setting_types import addresses, text
from storefront.core.typed import ascii_digits, one_line, plain_code
from storefront.core.validation import is_national_code

LONGEST = 200  # characters of a name, a slogan, an address
PICTURES = frozenset({".svg", ".png", ".webp", ".jpg", ".jpeg"})
_SEAL = re.compile(r"[?&;]?\bid=([0-9]{1,12})&(?:amp;)?code=([A-Za-z0-9]{1,64})\b", re.IGNORECASE)
_WEIGHTS = (29, 27, 23, 19, 17) * 2  # of a company's national id


def words(value: Any) -> str:
    """Return one line of visible words."""
    found = one_line(text(value))
    if not found or len(found) > LONGEST:
        raise ValueError(f"one line of at most {LONGEST} characters")
    return found


def phone(value: Any) -> str:
    """Return a telephone number as people read it, with ASCII digits."""
    found = ascii_digits(text(value))
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]*", found) or not 3 <= len(plain_code(found)) <= 16:
        raise ValueError("a telephone number such as 021-88776655")
    return found


def email(value: Any) -> str:
    """Return one e-mail address."""
    try:
        (found,) = addresses(text(value))
    except ValueError:
        raise ValueError("an e-mail address such as support@shop.example") from None
    return found


def colour(value: Any) -> str:
    """Return a colour that can be read on a light page; the one of dark pages is made from it."""
    found = text(value).lower()
    rgb(found)
    return found


def economic_code(value: Any) -> str:
    """Return the digits of the tax office's number."""
    found = plain_code(text(value))
    if not re.fullmatch(r"[0-9]{10,14}", found):
        raise ValueError("the 10 to 14 digits of the economic code")
    return found


def national_id(value: Any) -> str:
    """Return a company's national id (11 digits) or a person's national code (10)."""
    found = plain_code(text(value))
    if not re.fullmatch(r"[0-9]{10,11}", found):
        raise ValueError("a company's national id of 11 digits, or a person's national code of 10")
    if not (is_national_code(found) or _is_company(found)):
        kind = "person's national code" if len(found) == 10 else "company's national id"
        raise ValueError(
            f"a {kind} without a slip: it has its {len(found)} digits, but the last one, which"
            " checks the others, does not fit them; compare it with the document"
        )
    return found


def _is_company(number: str) -> bool:
    if not re.fullmatch(r"[0-9]{11}", number) or len(set(number)) == 1:
        return False
    *counted, check = (int(digit) for digit in number)
    tens = counted[9] + 2
    found = sum((d + tens) * w for d, w in zip(counted, _WEIGHTS, strict=True)) % 11
    return check == found % 10


def seal(value: Any) -> str:
    """Return ``id=...&Code=...`` out of Enamad's address or of the whole code that it gives.

    Nothing else of what was pasted is kept: the shop writes the link and the picture itself.
    """
    found = set(_SEAL.findall(text(value)[:5000]))
    if len(found) != 1:
        raise ValueError("the code that Enamad gives, or id=123456&Code=AbCd out of it")
    number, code = found.pop()
    return f"id={number}&Code={code}"


def theme_file(value: Any) -> str:
    """Return the name of a picture below the theme's static folder."""
    name = text(value)
    path = PurePosixPath(name)
    safe = re.fullmatch(r"[A-Za-z0-9_./-]{1,100}", name) and not path.is_absolute()
    if not safe or ".." in path.parts or path.suffix.lower() not in PICTURES:
        raise ValueError("a picture in instance/theme/static, such as logo.svg")
    return str(path)
