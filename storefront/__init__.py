"""The reference shop for merchants who take payments through Jibit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storefront.app import create_app as create_app

__version__ = "0.1.0"
__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import the application only when it is asked for, so that `import storefront` stays light."""
    if name == "create_app":
        from storefront.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
