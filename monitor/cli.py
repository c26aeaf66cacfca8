"""The command line: the one place that builds clock, dice, config and database path, and puts them together.

What only one command needs is imported by that command: who asks for the alerts should not wait for the parsers.

Exit codes: 0 ok, 1 failure, 2 usage, 3 bad config, 4 some failed (sources: `once`, `check`; channels: `channels test`),
5 another instance runs.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import __version__, show
from . import timeline as timelines
from .asked import Asked, Commands, common, log_to_stderr
from .errors import ConfigError, MonitorError, UsageError
from .lock import held, only_one

if TYPE_CHECKING:
    from .channels import Tested
    from .config import Config
    from .model import Channel
    from .probe import Tried
    from .service import World

sys.modules["httpx._main"] = None  # type: ignore[assignment]  # httpx's own command: it would load rich and pygments

SOME_FAILED = 4
TROUBLED = frozenset({"blocked", "failing", "parked"})


def now() -> datetime:
    return datetime.now(UTC)


def world() -> World:
    import random

    from .service import World
    from .supervisor import Supervisor

    rng = random.Random()  # noqa: S311  jitter, no secret
    return World(now=now, rng=rng, supervisor=Supervisor.of(os.environ, os.getpid()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Follow a news story after the headlines move on: one alert per new development, with its evidence."""


# ------------------------------------------------------------------------------------------------------- at work


@main.command()
@click.option(
    "--log",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How logs are written.",
)
@common
def run(asked: Asked, form: str) -> None:
    """Follow the topics of the config file until stopped; logs go to stderr."""
    import asyncio

    log_to_stderr(verbose=asked.verbose, form=form)
    config = asked.config(say=True)
    with only_one(config.database):
        asyncio.run(_run(config))


async def _run(config: Config) -> None:
    import asyncio
    import signal

    from . import service

    stop, hup = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    opening = asyncio.current_task()

    def end() -> None:
        stop.set()
        if opening is not None:  # which may wait for a lock for minutes
            opening.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    loop.add_signal_handler(signal.SIGHUP, hup.set)
    log = logging.getLogger("monitor")
    outside = world()
    try:
        async with service.opened(config, outside) as house:
            opening = None
            count = len(config.topics)
            log.info("following %d topic%s into %s; stop with Ctrl-C", count, "s"[: count != 1], config.database)
            await service.run(house, config, outside, reload=_changed(config.path), stop=stop, hup=hup)
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    log.info("stopped")


def _changed(path: Path) -> Callable[[str], Config | None]:
    """Return a function that loads the file again if its content is not the one with the given hash."""

    from .config import load

    def reload(sha256: str) -> Config | None:
        config = load(path)
        return config if config.sha256 != sha256 else None

    return reload


@main.command()
@common
def once(asked: Asked) -> None:
    """Make one pass over what is due, then exit."""
    import asyncio

    from .reading import Reader

    config = asked.config(say=True)
    with only_one(config.database):
        asyncio.run(_once(config))
    with Reader.open(config.database) as reader:
        summary = reader.status()
        asked.show(summary, lambda: show.status(summary, config.path))
    if TROUBLED & summary.sources.keys() or summary.offline_since:
        sys.exit(SOME_FAILED)


async def _once(config: Config) -> None:
    from . import service

    async with service.opened(config, world()) as house:
        await service.once(house, config)


@main.command()
@click.option("--database", default="demo.db", show_default=True, help="Where to leave the database.")
@click.option("--fast", is_flag=True, help="Do not pause between the days.")
@common
def demo(asked: Asked, database: str, fast: bool) -> None:
    """Play a story end to end on this machine, without internet: ten months in a minute."""
    import asyncio

    from .demo import play
    from .demo.printer import DemoPrinter

    if not asked.verbose:
        logging.getLogger("monitor").setLevel(logging.ERROR)
    path = Path(database).absolute()
    with only_one(path):
        asyncio.run(
            play.play(path, told=DemoPrinter(as_json=asked.as_json, command=called()), pause_s=0.0 if fast else 1.0)
        )


def called() -> str:
    """Return how a person calls this command here: by its name where it is on the path, else by its place."""
    import shutil

    if shutil.which("monitor"):
        return "monitor"
    place = Path(sys.argv[0])
    return str(place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place)


@main.command()
@common
def check(asked: Asked) -> None:
    """Validate the config and try each source once; nothing is written."""
    import asyncio

    config = asked.config()
    tried = asyncio.run(_check(config, quiet=asked.as_json))
    asked.show(tried, lambda: show.check(tried, config))
    if any(not each.ok for each in tried):
        sys.exit(SOME_FAILED)


async def _check(config: Config, *, quiet: bool) -> tuple[Tried, ...]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from . import probe

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True, console=Console(stderr=True)) as progress:
        sources = probe.sources(config)
        bar = progress.add_task(f"trying {len(sources)} sources", total=len(sources), visible=not quiet)
        outside = world()
        return await probe.try_all(config, now=outside.now, sleep=outside.sleep, done=lambda: progress.advance(bar))


# ----------------------------------------------------------------------------------------------------- what it found


@main.command()
@click.option("--topic", metavar="SLUG", help="Only this topic.")
@click.option("--since", metavar="WHEN", help="Only those raised since a date (2021-08-09) or for a duration (3d).")
@click.option("--all", "everything", is_flag=True, help="Also those marked as seen.")
@click.option(
    "--by", type=click.Choice(["time", "importance"]), default="time", show_default=True, help="Which comes first."
)
@common
def alerts(asked: Asked, topic: str | None, since: str | None, everything: bool, by: str) -> None:
    """Show the alerts not yet seen, newest first."""
    with asked.reader() as reader:
        found = reader.alerts(topic=topic, since=instant(since), all=everything, by=by)
        asked.show(found, lambda: show.alerts(found, everything=everything, ranked=by == "importance"))


def instant(text: str | None) -> datetime | None:
    """Return the instant that `--since` means.  Raises UsageError."""
    if text is None:
        return None
    with suppress(ValueError):
        when = datetime.fromisoformat(text)
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    from .settings.values import duration

    with suppress(ValueError):
        return now() - timedelta(seconds=duration(text))
    raise UsageError(f"--since: found “{text}”; allowed: a date such as 2021-08-09, or a duration such as 12h or 3d")


@main.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@click.option("--useful", is_flag=True, help="They were worth it.")
@click.option("--noise", is_flag=True, help="They should not have been raised.")
@click.option("--known", is_flag=True, help="They are true, but you knew it.")
@common
def seen(asked: Asked, /, ids: tuple[int, ...], **worth: bool) -> None:
    """Mark alerts as seen, and say what they were worth."""
    from .model import AlertId, Feedback
    from .reading import Reader
    from .store import Store

    marks = [Feedback(name) for name, said in worth.items() if said]
    if len(marks) > 1:
        raise UsageError("an alert has one mark: give one of --useful, --noise and --known")
    feedback = next(iter(marks), None)
    config = asked.config()
    Reader.open(config.database).close()  # says what to do if there is no database yet
    with closing(Store.open(config.database, guest=True)) as store:
        count = store.seen([AlertId(number) for number in ids], now(), feedback)
    said = f"{len(set(ids))} marked as {feedback}." if feedback else f"{count} marked as seen."
    asked.show({"seen": count, "feedback": feedback}, lambda: click.echo(said))


@main.command()
@click.argument("topic")
@click.option(
    "--format", "form", type=click.Choice(sorted(timelines.FORMS)), default="text", show_default=True, help="How."
)
@common
def timeline(asked: Asked, topic: str, form: str) -> None:
    """Show a topic's developments in order, with their evidence."""
    with asked.reader() as reader:
        found = reader.timeline(topic)
        name = next(row.name for row in reader.topics() if row.slug == topic)
        timelines.FORMS["json" if asked.as_json else form](name, found)


@main.command()
@click.argument("target", metavar="URL|ALERT")
@common
def why(asked: Asked, target: str) -> None:
    """Show every gate, value and threshold behind an article or an alert."""
    with asked.reader() as reader:
        found = reader.why(target)
        asked.show(found, lambda: show.why(found))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", type=click.Choice(["jsonl", "warc"]), default="jsonl", show_default=True, help="How.")
@click.option("--topic", metavar="SLUG", help="Only this topic.")
@click.option("--since", metavar="WHEN", help="Only alerts raised since a date (2021-08-09) or for a duration (3d).")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@common
def export(asked: Asked, file: Path, form: str, topic: str | None, since: str | None, force: bool) -> None:
    """Write the alerts with what they rest on (jsonl), or the raw pages behind them (warc), to a file."""
    from . import export

    if file.exists() and not force:
        raise UsageError(f"{file}: exists already. Give another name, or --force to overwrite it.")
    with asked.reader() as reader:
        count = export.to_file(reader, file, form, topic, instant(since))
    what = "alert" if form == "jsonl" else "raw page"
    asked.show({"file": str(file), "count": count}, lambda: click.echo(f"{file}: {count} {what}{'s'[: count != 1]}"))


@main.command()
@common
def verify(asked: Asked) -> None:
    """Prove that alerts, texts and raw pages are as they were written; exit code 1 if something is not."""
    with asked.reader() as reader:
        found = reader.proof()
        asked.show(found, lambda: show.proof(found))
    if found.problems:
        sys.exit(1)


@main.command()
@common
def topics(asked: Asked) -> None:
    """List the topics and how their stories stand."""
    with asked.reader() as reader:
        found = reader.topics()
        asked.show(found, lambda: show.topics(found))


@main.command()
@click.option("--politeness", is_flag=True, help="What was asked of each host instead: a receipt to show a publisher.")
@common
def sources(asked: Asked, politeness: bool) -> None:
    """List the sources and how they do."""
    with asked.reader() as reader:
        if politeness:
            hosts = reader.hosts()
            asked.show(hosts, lambda: show.hosts(hosts))
            return
        found = reader.sources()
        asked.show(found, lambda: show.sources(found))


@main.group("channels", invoke_without_command=True)
@common
def channels_(asked: Asked) -> None:
    """List the channels and how they do; with a word behind it, test them, or see to what they did not accept."""
    context = click.get_current_context()
    context.obj = asked
    if context.invoked_subcommand is not None:
        return
    from . import channels

    config = asked.config()
    by = {each.name: channels.way(each) for each in config.channels}
    with asked.reader() as reader:
        known = {row.channel: show.mapping(row) for row in reader.channels()}
    nothing = {"waiting": 0, "held": 0, "delivered": 0, "dead": 0}
    empty = {**nothing, "last_delivered_at": None, "next_try_at": None, "error": None}
    found = [
        {"channel": name, "by": by.get(name), **known.get(name, empty)}
        for name in (*by, *sorted(known.keys() - by.keys()))
    ]
    asked.show(found, lambda: show.channels(found))


@channels_.command("dead")
@common
def dead(asked: Asked) -> None:
    """List the dead letters: alerts that a channel never accepted, and that are not tried any more."""
    with asked.reader() as reader:
        found = reader.dead()
        asked.show(found, lambda: show.dead(found))


@channels_.command("retry")
@click.argument("name", required=False)
@common
def retry(asked: Asked, name: str | None) -> None:
    """Try again, now, what a channel (or each) did not accept, dead letters too."""
    from .reading import Reader
    from .store import Store

    config = asked.config()
    names = [each.name for each in _chosen(config, [name] if name else [])]
    Reader.open(config.database).close()  # says what to do if there is no database yet
    with closing(Store.open(config.database)) as store:
        count = store.retry(names, now())
    asked.show({"due": count}, lambda: click.echo(f"{count} due now; `monitor run` or `once` sends them."))


@channels_.command("test")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@common
def test_(asked: Asked, names: tuple[str, ...]) -> None:
    """Send a test message to the channels (or to those named), and tell what happened; nothing is written."""
    import asyncio

    found = asyncio.run(_try_channels(_chosen(asked.config(), names)))
    asked.show(found, lambda: show.tested(found))
    if any(not each.ok for each in found):
        sys.exit(SOME_FAILED)


async def _try_channels(chosen: Sequence[Channel]) -> list[Tested]:
    import asyncio

    import httpx

    from . import channels

    async with httpx.AsyncClient(timeout=channels.ANSWER_WITHIN_S, trust_env=False) as client:
        return await asyncio.gather(*(channels.try_out(each, client, now) for each in chosen))


def _chosen(config: Config, names: Sequence[str]) -> list[Channel]:
    """Return the channels of these names, or all.  Raises UsageError."""
    known = {each.name: each for each in config.channels}
    if unknown := [name for name in names if name not in known]:
        others = f"it has: {', '.join(known)}" if known else "it has none"
        raise UsageError(f"the config file has no channel “{unknown[0]}”; {others}")
    return [known[name] for name in names or known]


@main.command()
@common
def status(asked: Asked) -> None:
    """Say how the whole does: running or not, config, topics, sources, alerts."""
    from .reading import Reader

    try:
        config = asked.config()
    except ConfigError as error:
        path = asked.config_path()
        raise ConfigError(f"{error}\nA running monitor keeps the config it had: {path} was not taken over.") from error
    with Reader.open(config.database) as reader:
        found = reader.status()
        runs = held(config.database)
        asked.show({"running": runs, **show.mapping(found)}, lambda: show.status(found, config.path, running=runs))


@main.command("health")
@common
def health_(asked: Asked) -> None:
    """Say in a line whether the daemon is well; exit 0 if it is, 1 if not."""
    from . import health

    try:
        config = asked.config()
    except ConfigError as error:
        raise MonitorError(
            f"not healthy: the config file is refused: {error}"
        ) from error  # exit 1, as all that is amiss
    with asked.reader() as reader:
        found = health.checked(reader.vitals(now(), running=held(config.database)), now())
    well = not any(found.values())
    asked.show({"healthy": well, "checks": found}, lambda: print(health.said(found)))
    if not well:
        sys.exit(1)


# ------------------------------------------------------------------------------------------------- copies of it all


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@common
def backup_(asked: Asked, /, file: Path, force: bool) -> None:
    """Copy the database to a file, while the monitor goes on."""
    from rich.console import Console
    from rich.progress import Progress

    from . import backup

    config = asked.config()
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task("copying", total=None)
        made = backup.backup(
            config.database,
            file,
            force=force,
            progress=lambda done, all: progress.update(bar, completed=done, total=all),
        )
    asked.show(made, lambda: show.holding(made))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where there is a database; that is kept beside.")
@common
def restore(asked: Asked, /, file: Path, force: bool) -> None:
    """Put a backup in the place of the database."""
    from . import backup

    config = asked.config()
    with only_one(config.database):
        restored = backup.restore(config.database, file, now(), force=force)
    asked.show(restored, lambda: show.restored(restored))


# ------------------------------------------------------------------------------------------------------- and more


@main.command("replay")
@click.option("--articles", type=click.Path(path_type=Path), help="A stream of articles, one JSON object a line.")
@click.option("--decisions", type=click.Path(path_type=Path), help="Where to write the decisions, one a line.")
@click.option("--topic", metavar="SLUG", help="Only this topic.")
@click.option(
    "--from-db", is_flag=True, help="Replay the archive; print the alerts gained and lost, and how these were marked."
)
@common
def replay_(asked: Asked, articles: Path | None, decisions: Path | None, topic: str | None, from_db: bool) -> None:
    """Judge a stream of articles in virtual time, without network and without raising alerts."""
    import json

    from rich.console import Console
    from rich.progress import Progress

    from . import replay
    from .reading import Reader

    config = asked.config()
    if topic is not None and topic not in {each.slug for each in config.topics}:
        known = ", ".join(each.slug for each in config.topics)
        raise UsageError(f"--topic: the config has no topic “{topic}”; it has: {known}")
    if from_db:
        with Reader.open(config.database) as reader:
            compared = replay.from_archive(config.topics, reader.archive(), reader.feedback(), only=topic)
            asked.show(compared, lambda: show.compared(compared))
        return
    if articles is None or decisions is None:
        raise UsageError("replay needs --articles STREAM.jsonl and --decisions OUT.jsonl, or --from-db")
    rows = replay.read_rows(articles)
    screen = Console(stderr=True)
    with decisions.open("w", encoding="utf-8") as out, Progress(console=screen, transient=True) as progress:
        bar = progress.add_task("judging", total=len(rows), visible=screen.is_terminal)
        for decision in replay.decisions(config.topics, rows, only=topic):
            out.write(json.dumps(decision) + "\n")
            progress.advance(bar)


@main.command()
@common
def version(asked: Asked) -> None:
    """Print the version."""
    asked.show({"version": __version__}, lambda: click.echo(f"story-monitor {__version__}"))
