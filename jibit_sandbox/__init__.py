"""The Jibit sandbox: a local gateway for tests that speaks Jibit's wires and fails on request.

The names below are loaded when they are used, so that an import of the package loads nothing else.
"""

TYPE_CHECKING = False  # type checkers take it for typing's, which is not loaded for it
if TYPE_CHECKING:
    from jibit_sandbox.testing import SandboxWorld, ShopperStopped, running_sandbox

__version__ = "1.0.0"
__all__ = ["SandboxWorld", "ShopperStopped", "__version__", "running_sandbox"]


def __getattr__(name: str) -> object:
    """Load a public name from ``jibit_sandbox.testing``."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jibit_sandbox import testing

    return getattr(testing, name)
