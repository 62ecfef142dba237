"""Which service a command talks to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from python_executor.pyexec.problem import Problem
from python_executor.settings import KEY_VARIABLE, URL_VARIABLE, Settings

if TYPE_CHECKING:
    from python_executor.client import Client

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

#: Seconds for which the service may be away.
PATIENCE: Final = 30.0


@dataclass
class Service:
    """The service of a command.

    Attributes:
        url: The URL, None for the environment's or the default.
        key: The API key, None for the environment's or none.
        patience: Seconds for which it may be away.
    """

    url: str | None = None
    key: str | None = None
    patience: float = PATIENCE

    def settings(self) -> Settings:
        """Return the settings. Raises Problem if one is wrong."""
        try:
            return Settings.make(self.url, self.key, self.patience)
        except ValueError as error:
            raise Problem(str(error)) from None

    def client(self, at_most: float | None = None) -> "Client":
        """Make a client, whose calls take at most so many seconds. Raises Problem if a setting is wrong."""
        settings = self.settings()
        from python_executor.client import Client  # noqa: PLC0415

        return Client(settings.url, settings.key, timeout=min(self.patience, at_most or self.patience))


def service_options(*, hidden: bool) -> Callable[[Decorated], Decorated]:
    """Add the options that say which service to use. Commands hide them, because the group shows them."""

    def remember(context: click.Context, option: click.Parameter, value: Any) -> None:
        if value is not None:
            setattr(context.ensure_object(Service), option.name or "", value)

    def decorate(command: Decorated) -> Decorated:
        for option in (
            click.option(
                "--patience",
                type=click.FloatRange(min=0, min_open=True),
                metavar="SECONDS",
                help=f"Seconds for which the service may be away; {PATIENCE:g} by default.",
                callback=remember,
                expose_value=False,
                hidden=hidden,
            ),
            click.option(
                "--key",
                metavar="KEY",
                help=f"API key. Better set {KEY_VARIABLE}: other users can see a command line.",
                callback=remember,
                expose_value=False,
                hidden=hidden,
            ),
            click.option(
                "--url",
                metavar="URL",
                help=f"URL of the service; {URL_VARIABLE} or http://127.0.0.1:8080 by default.",
                callback=remember,
                expose_value=False,
                hidden=hidden,
            ),
        ):
            command = option(command)
        return command

    return decorate
