"""What every command is given: the options before its name, and from them the settings."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from monitor.settings.model import Settings

WRONG_CONFIGURATION = 2


@dataclass(frozen=True, slots=True)
class Context:
    """The options that stand before the command, as given; it is `typer.Context.obj`."""

    config: Path | None
    log_level: str | None = None
    log_format: str | None = None

    def load(self) -> "Settings":
        """
        The configuration as it is now, with the log as the options say: also for a reload.

        Raises:
            SettingsError: The configuration is wrong.
            typer.BadParameter: An option is.
        """
        from monitor.settings.load import find, load

        log = self._log()
        settings = load(find(self.config, os.environ), os.environ)
        return settings.model_copy(update={"log": settings.log.model_copy(update=log)})

    def settings(self, exit_code: int = WRONG_CONFIGURATION) -> "Settings":
        """The settings; or every error on a line of its own on standard error, and the end with this exit code."""
        from monitor.settings.problems import SettingsError

        try:
            return self.load()
        except SettingsError as error:
            complain(str(problem) for problem in error.problems)
            raise typer.Exit(exit_code) from None

    def _log(self) -> dict[str, str]:
        """The options about the log that were given, checked by the rules of the configuration."""
        from pydantic import ValidationError

        from monitor.settings.model import Log

        given = {"level": self.log_level, "format": self.log_format}
        log = {key: word for key, word in given.items() if word is not None}
        try:
            Log.model_validate(log)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            expected = wrong["ctx"]["expected"]
            raise typer.BadParameter(
                f"expected {expected}, got {wrong['input']!r}", param_hint=f"--log-{wrong['loc'][0]}"
            ) from None
        return log


def complain(problems: Iterable[str]) -> None:
    """Each problem on a line of its own on standard error, with what acts on a terminal written out."""
    from monitor.views.escape import terminal

    for problem in problems:
        typer.echo(terminal(problem), err=True)
