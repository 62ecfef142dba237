"""Client of python-executor, a service that runs other people's Python safely."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from python_executor.public import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        """Load the public names when the first of them is used: the HTTP client takes most of the time.

        They begin with a capital letter. Names in lower case are modules, which the import system finds.
        """
        if name[:1].isupper():
            from python_executor import public  # noqa: PLC0415

            if hasattr(public, name):
                return getattr(public, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
