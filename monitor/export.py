"""What is kept, in forms that others can read: alerts with their proof as JSON lines, raw pages as a WARC file.

jsonl   an alert a line, with its sentences, the text that they stand in, and how each page was come by
warc    the pages behind the alerts as the web archives keep them (ISO 28500), one gzip member a record
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from . import __version__
from .errors import UsageError
from .reading import Reader
from .rows import RawPage

# Bodies are kept as they were read, without what the transfer had put around them.
_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_UNTOLD = "HTTP/1.1"  # which version it was is not kept


def to_file(reader: Reader, file: Path, form: str, topic: str | None, since: datetime | None) -> int:
    """Write alerts ("jsonl") or raw pages ("warc") to a file, and return how many there were.

    The file stands under its name once it is whole.  Raises UsageError if there is no such topic, and if the file
    cannot be written.
    """
    partial = file.with_name(f".{file.name}.part")
    try:
        with partial.open("wb") as out:
            count = (
                warc(reader.raw_pages(topic, since), out, file.name)
                if form == "warc"
                else _lines(jsonl(reader.proven_alerts(topic, since)), out)
            )
        partial.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _lines(lines: Iterable[str], out: BinaryIO) -> int:
    count = 0
    for line in lines:
        out.write(f"{line}\n".encode("ascii"))
        count += 1
    return count


def jsonl(alerts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Return a line for each alert, in ASCII."""
    return (json.dumps(alert) for alert in alerts)


def warc(pages: Iterable[RawPage], out: BinaryIO, filename: str) -> int:
    """Write pages as a WARC file, and return how many there were.

    A page that was reached by redirects has a `metadata` record that says so, as only their addresses and statuses are
    kept.  Headers of the transfer are renamed to X-Archive-Orig-…, as the body is kept without it.
    """
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    about = {"software": f"story-monitor/{__version__}", "format": "WARC file version 1.1"}
    writer.write_record(writer.create_warcinfo_record(filename, about))
    count = 0
    for page in pages:
        headers = [*_headers(page.headers), ("Content-Length", str(len(page.body)))]
        answer = writer.create_warc_record(
            page.url,
            "response",
            payload=BytesIO(page.body),
            http_headers=StatusAndHeaders(str(page.status), headers, protocol=_UNTOLD),
            warc_headers_dict={"WARC-Date": page.at},
        )
        writer.write_record(answer)
        if page.redirects:
            said = json.dumps({"redirects": page.redirects}).encode("ascii")
            with_it = {"WARC-Date": page.at, "WARC-Refers-To": answer.rec_headers.get_header("WARC-Record-ID")}
            writer.write_record(
                writer.create_warc_record(
                    page.url,
                    "metadata",
                    payload=BytesIO(said),
                    warc_content_type="application/json",
                    warc_headers_dict=with_it,
                )
            )
        count += 1
    return count


def _headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        clean = " ".join(value.split())  # no line break of a page's server begins a header of ours
        yield (f"X-Archive-Orig-{name}" if name in _TRANSFER else name, clean)
