"""A topic's developments in order, in each form that a person can take them away in."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from csv import writer as writer_of
from typing import Any

from . import plain, show


def edits(row: Any) -> list[str]:
    """Return what was edited in the articles that told a development, one by one."""
    return (row.edits or "").splitlines()


def text(name: str, found: Sequence[Any]) -> None:
    """Print a timeline for a terminal or a pipe."""
    lines: list[show.Line] = [((plain.line(name), "bold"),)]
    if not found:
        lines.append((("No developments yet. What was there before the topic was watched is learnt, not listed.", ""),))
    for row in found:
        lines += [(), ((f"{row.day}  {plain.line(row.headline)}", "bold"),)]
        if row.evidence and plain.line(row.evidence) != plain.line(row.headline):
            lines.append(((f"            “{plain.line(row.evidence)}”", ""),))
        lines.append(((f"            {show.publisher(row)} · {show.backing(row)} · {plain.line(row.url)}", "dim"),))
        lines += [((f"            edited {plain.line(edit)}", "yellow"),) for edit in edits(row)]
    show.write(*lines)


def md(name: str, found: Sequence[Any]) -> None:
    """Print a timeline as Markdown."""
    print(f"# {plain.markdown(name)}\n")
    for row in found:
        who, url = plain.markdown(show.publisher(row)), plain.link(row.url)
        said = f"- **{row.day}** {plain.markdown(row.headline)}  \n  > {plain.markdown(row.evidence)}  \n"
        print(f"{said}  {f'[{who}](<{url}>)' if url else who}, {show.backing(row)}")
        for edit in edits(row):
            print(f"  - edited {plain.markdown(edit)}")


def html(name: str, found: Sequence[Any]) -> None:
    """Print a timeline as a page of its own that loads nothing and runs nothing."""
    items = "".join(
        f'<li><time>{plain.html(row.day)}</time> <strong dir="auto">{plain.html(row.headline)}</strong>'
        f'<blockquote dir="auto">{plain.html(row.evidence)}</blockquote>'
        f'<p><a rel="noreferrer" dir="auto" href="{plain.html(plain.link(row.url))}">'
        + f"{plain.html(show.publisher(row))}</a>, {show.backing(row)}</p>"
        + "".join(f'<p dir="auto">edited {plain.html(edit)}</p>' for edit in edits(row))
        + "</li>"
        for row in found
    )
    print(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{plain.html(name)}</title><style>body{{font:1rem/1.5 system-ui;max-width:46rem;margin:2rem auto}}"
        "time{font-weight:bold}li{margin:1rem 0;list-style:none}blockquote{margin:.3rem 1rem}p{margin:0;color:#555}"
        f"</style></head><body><h1>{plain.html(name)}</h1><ol>{items}</ol></body></html>"
    )


def csv(name: str, found: Sequence[Any]) -> None:
    """Print a timeline as CSV whose cells no spreadsheet takes for formulas."""
    columns = (
        "day",
        "headline",
        "evidence",
        "publisher",
        "url",
        "reports",
        "independent_reports",
        "kind",
        "first_seen_at",
        "edits",
    )
    out = io.StringIO()
    writer = writer_of(out)
    writer.writerow(columns)
    for row in found:
        writer.writerow([plain.cell(getattr(row, column)) for column in columns])
    sys.stdout.write(out.getvalue())


FORMS: dict[str, Callable[[str, Sequence[Any]], None]] = {
    "text": text,
    "md": md,
    "html": html,
    "csv": csv,
    "json": lambda name, found: show.as_json(list(found)),
}
