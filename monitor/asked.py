"""What every command is told, and how every command ends: in plain words, with the documented exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from . import plain, show
from .errors import MonitorError

if TYPE_CHECKING:
    from .config import Config
    from .reading import Reader

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Asked:
    """What every command can be told: which config, JSON or not, how much to log."""

    config_option: str | None
    as_json: bool
    verbose: bool

    def config(self, *, say: bool = False) -> Config:
        """Load the config file, and say on stderr which one was taken when asked to."""
        from .config import load

        path = self.config_path()
        if say:
            logging.getLogger("monitor").info("config: %s", path)
        return load(path)

    def config_path(self) -> Path:
        from .config import find

        return find(self.config_option, env=os.environ, cwd=Path.cwd())

    def reader(self) -> Reader:
        from .reading import Reader

        return Reader.open(self.config().database)

    def show(self, found: Any, draw: Callable[[], None]) -> None:
        """Print as JSON, or let `draw` print for people."""
        if self.as_json:
            show.as_json(found)
        else:
            draw()


class Commands(click.Group):
    """A group whose commands end in a plain sentence and the documented exit code, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MonitorError as error:
            say_why(str(error))
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as fault:
            say_why(plain.line(f"a fault of this program: {fault!r}; please report it."))
            logging.getLogger("monitor").debug("the fault in full", exc_info=True)
            ctx.exit(1)


def common(command: Callable[Concatenate[Asked, P], R]) -> Callable[P, R]:
    """Give a command `--config`, `--json` and `-v`."""

    @click.option("--config", "config_option", metavar="FILE", help="The config file; found by itself when left out.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.option("-v", "--verbose", is_flag=True, help="Log more.")
    @wraps(command)
    def wrapped(*args: P.args, **options: P.kwargs) -> R:
        before = click.get_current_context().find_object(Asked) or Asked(None, as_json=False, verbose=False)
        asked = Asked(
            config_option=options.pop("config_option") or before.config_option,  # type: ignore[arg-type]
            as_json=bool(options.pop("as_json")) or before.as_json,
            verbose=bool(options.pop("verbose")) or before.verbose,
        )
        log_to_stderr(verbose=asked.verbose)
        return command(asked, *args, **options)

    return wrapped


def say_why(error: str) -> None:
    """Say on stderr why a command ends, in the form that its log has."""
    if any(isinstance(handler.formatter, show.JsonFormatter) for handler in logging.getLogger().handlers):
        logging.getLogger("monitor").error("%s", error)
    else:
        click.echo(plain.lines(f"monitor: {error}"), err=True)


def log_to_stderr(*, verbose: bool, form: str = "text") -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(
        show.JsonFormatter()
        if form == "json"
        else show.PlainFormatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("monitor").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
