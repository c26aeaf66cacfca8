"""What one value of config.toml may hold: a function a kind, from the value as written to the value meant.

Each raises Refused where the value is not allowed.  Nothing here opens a file or asks the environment: both come in
with `Surroundings`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .. import jsonpath
from ..model import Seed
from . import query
from .patterns import fold

PLACEHOLDERS = ("about", "words")  # what a search address may hold in braces
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the file stands, the only two ways out of it, and what is installed.

    read    raises OSError
    extras  of story-monitor that are there
    """

    folder: Path
    env: Mapping[str, str]
    read: Callable[[Path], bytes]
    extras: frozenset[str] = frozenset()

    def path(self, written: str) -> Path:
        """Find a path that the file names: relative to the file, `~/` in the user's home."""
        if written.startswith("~/") and (home := self.env.get("HOME")):
            return Path(home) / written[2:]
        return self.folder / written


class Refused(ValueError):
    """Say why a value is not taken.

    kind_is_right   what is the matter is not the kind of value, but what it says
    """

    def __init__(self, why: str, *, kind_is_right: bool) -> None:
        super().__init__(why)
        self.kind_is_right = kind_is_right


def not_allowed(allowed: str) -> Refused:
    """Make the error that says what kind of value is allowed."""
    return Refused(f"allowed: {allowed}", kind_is_right=False)


def because(why: str) -> Refused:
    """Make the error that says what is the matter with a value of the right kind."""
    return Refused(why, kind_is_right=True)


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """Find the known word that was probably meant; None: nothing is near."""
    return next(iter(get_close_matches(word, known, 1)), None)


# -------------------------------------------------------------------------------------------- one function a kind

_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_LONGEST_S = 3_650 * _UNIT_S["d"]
_DURATION = re.compile(r"(?:\s*(\d{1,12}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w))+\s*")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_UNIT_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?i?b)\s*", re.IGNORECASE)


def duration(value: object) -> float:
    """Read words such as 50ms, 30s, 15m, 12h, 3d, 2w, 1h30m into seconds, from 0 to ten years."""
    if isinstance(value, str) and _DURATION.fullmatch(value):
        seconds = sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION_PART.findall(value))
        if seconds <= _LONGEST_S:
            return seconds
        raise not_allowed("a duration of at most ten years, 3650d")
    raise not_allowed("a duration such as 50ms, 30s, 15m, 12h, 3d")


def some_time(value: object) -> float:
    """Read a duration longer than 0 into seconds."""
    if seconds := duration(value):
        return seconds
    raise not_allowed("a duration longer than 0, such as 30s")


_HOURS = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)\s*")


def hours(value: object) -> tuple[time, time]:
    """Read two times of day such as 22:00-07:00, which are not the same."""
    if isinstance(value, str) and (found := _HOURS.fullmatch(value)):
        begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        if begins != ends:
            return begins, ends
        raise because("these hours end when they begin; `notify` of a topic leaves a channel out")
    raise not_allowed('two times of day such as "22:00-07:00", from 00:00 to 23:59')


def timezone(value: object) -> ZoneInfo:
    """Read the name of a time zone."""
    name = value if isinstance(value, str) else ""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones
        near = did_you_mean(name, sorted(available_timezones()))
        raise not_allowed(
            'a time zone such as "Europe/Berlin" or "UTC"' + (f"; did you mean `{near}`?" if near else "")
        ) from None


def keeping(value: object) -> float | None:
    """Read for how long something is kept, in seconds; None: for ever."""
    if value == "forever":
        return None
    try:
        return some_time(value)
    except ValueError:
        raise not_allowed('"forever", or a duration such as "180d"') from None


def size(value: object) -> int:
    """Read words such as 500kB, 15MB, 64MiB into bytes, at least one."""
    if isinstance(value, str) and (found := _SIZE.fullmatch(value)) and found[2].lower() in _UNIT_BYTES:
        number = int(float(found[1]) * _UNIT_BYTES[found[2].lower()])
        if number > 0:
            return number
    raise not_allowed("a size such as 500kB, 15MB, 1GB")


def count(value: object) -> int:
    """Read a whole number from 0 to a million."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000:
        return value
    raise not_allowed("a whole number such as 10; 0 is no limit")


def text(value: str) -> str:
    """Read text that says something."""
    if stripped := value.strip():
        return stripped
    raise not_allowed("text that is not empty")


def one_of(*allowed: str) -> Callable[[object], str]:
    """Check that a word is one of those given."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        near = did_you_mean(value, allowed) if isinstance(value, str) else None
        raise not_allowed(", ".join(allowed) + (f"; did you mean `{near}`?" if near else ""))

    return check


# What nearly every address looks like, so that a hundred thousand of them are read in a moment.
_USUAL_ADDRESS = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[!-~]*)?")


def _address(url: str) -> bool:
    """Tell whether `url` is of http or https, with a host, a possible port, and nothing that no address holds."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False
    return named and not re.search(r"[\s\x00-\x1f\x7f]", url)


def web_url(value: object) -> str:
    """Read an http or https address without a user name in it."""
    url = value.strip() if isinstance(value, str) else ""
    if _USUAL_ADDRESS.fullmatch(url):
        return url
    if not _address(url):
        meant = f'; did you mean "https://{url}"?' if re.fullmatch(r"[\w.-]+\.\w{2,}(/\S*)?", url) else ""
        raise not_allowed(f"an address that begins with http:// or https:// and names a host{meant}")
    if "@" in urlsplit(url).netloc:
        raise not_allowed("an address without user name and password")
    return url


def search_url(value: object) -> str:
    """Read an address in which {about} or {words} stand for what is searched."""
    url = value.strip() if isinstance(value, str) else ""
    for placeholder in _PLACEHOLDER.findall(url):
        if placeholder not in PLACEHOLDERS:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise because(f"unknown placeholder {{{placeholder}}}; allowed: {known}")
    web_url(_PLACEHOLDER.sub("x", url))
    return url


def fill_search(url: str, words: Mapping[str, str]) -> str:
    """Put URL-quoted words into the placeholders of a search address."""
    return _PLACEHOLDER.sub(lambda found: quote(words[found[1]], safe=""), url)


_IN_USER_AGENT = re.compile(r"[!-'*-;=?-~]+")  # ASCII that can be seen, without ( ) < >


def contact(value: object) -> str:
    """Read a mail or web address that can stand in a User-Agent, in parentheses; "": none."""
    written = value.strip() if isinstance(value, str) else None
    if written == "" or (written and _IN_USER_AGENT.fullmatch(written) and _reaches(written)):
        return written
    meant = f'; did you mean "mailto:{written}"?' if written and re.fullmatch(r"[^\s@:]+@[^\s@]+", written) else ""
    raise not_allowed(f'"mailto:" and a mail address, a web address, or "" for none{meant}')


def _reaches(written: str) -> bool:
    return bool(re.fullmatch(r"mailto:[^@]+@[^@]+", written)) or _address(written)


def listen(value: object) -> tuple[str, int] | None:
    """Read an IP address and a port to listen on; None: nowhere."""
    allowed = 'an IP address and a port such as "127.0.0.1:9464" or "[::1]:9464", or "" for none'
    if value == "":
        return None
    host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not (colon and re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65_536):
        raise not_allowed(allowed)
    if not host:
        raise because(
            f"who may ask has to be said: 127.0.0.1:{port} listens to this machine alone, 0.0.0.0:{port} to whoever "
            "reaches it, without a password"
        )
    try:
        address = ipaddress.ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    except ValueError:
        raise not_allowed(allowed) from None
    if (address.version == 6) != host.startswith("["):
        raise not_allowed(allowed)
    return str(address), int(port)


def network(value: object) -> IPv4Network | IPv6Network:
    """Read a range of IP addresses, or one address."""
    try:
        return ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise not_allowed("a network such as 127.0.0.0/16, or one IP address such as 10.0.0.5") from None


def day(value: object) -> date:
    """Read a TOML date; a date with a time is another thing."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise not_allowed("a day such as 2021-09-30, without quotes and without a time")


def language(value: object) -> str:
    """Read a language code; what follows a hyphen, as in zh-CN, is dropped."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*", value):
        return re.split("[-_]", value)[0].lower()
    raise not_allowed('a language code such as "en" or "zh"')


_LONGEST_SLUG = 60


def slug(value: object) -> str:
    """Read a slug that the user pins."""
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        return value
    raise not_allowed("small letters a to z, digits, and single hyphens between them, such as alibaba-probe")


def slug_of(name: str) -> str:
    """Derive a topic's slug from its name: the same name always gives the same slug.

    >>> slug_of("Łódź: l'enquête n° 2")
    'lodz-l-enquete-n-2'
    """
    ascii_letters = re.findall("[a-z0-9]+", fold(name))
    slug = "-".join(ascii_letters)[:_LONGEST_SLUG].strip("-")
    if re.search("[a-z]", slug):
        return slug
    return f"topic-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def about(value: str) -> str:
    """Read a query, and say where it goes wrong."""
    try:
        query.parse(value)
    except query.QueryError as error:
        raise because(str(error)) from error
    return value.strip()


def selector(value: str) -> str:
    """Read a CSS selector by trying it."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # few configs have one

    try:
        LexborHTMLParser("<p>").css(value)
    except SelectolaxError:
        raise not_allowed('a CSS selector of the links, such as "main a.story"') from None
    return value


def json_path(value: object) -> str:
    """Read a path into an answer in JSON."""
    written = value.strip() if isinstance(value, str) else ""
    try:
        if jsonpath.steps(written):
            return written
    except ValueError as error:
        raise not_allowed(str(error)) from error
    raise not_allowed("a path in quotes such as data.list; leave it out where the answer is the list itself")


# ------------------------------------------------------------------------------------- what comes from outside it

_LARGEST_SEED = 1_000_000
REFERENCE = re.compile(r"\$\{([^{}]*)\}")


def _content(around: Surroundings, written: str) -> bytes:
    """Read a file that the config names, or say why that does not work."""
    path = around.path(written)
    try:
        return around.read(path)
    except OSError as error:
        raise because(f"the file {path} cannot be read: {error.strerror or type(error).__name__}") from error
    except ValueError as error:
        raise because(f"{path} cannot be the name of a file") from error


def seed(value: object, around: Surroundings) -> Seed:
    """Read the address of an article, or the file that holds one."""
    written = value.strip() if isinstance(value, str) else ""
    if re.match(r"https?:", written):
        return Seed(url=web_url(written))
    if not written:
        raise not_allowed("the address of an article, or the name of a text file, in quotes")
    content = _content(around, written)
    if len(content) > _LARGEST_SEED:
        raise because("this file is larger than 1 MB; it should hold one article as plain text")
    try:
        article = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        article = "\0"
    if "\0" in article:
        raise because("this file is not plain text in UTF-8; it should hold an article, its title in the first line")
    if not article:
        raise because("this file is empty; it should hold an article, its title in the first line")
    return Seed(text=article)


def ca_file(value: object, around: Surroundings) -> Path | None:
    """Read the name of a file of certificates; "": none."""
    if not isinstance(value, str):
        raise not_allowed('the name of a file of certificates in PEM form, or ""')
    if not value.strip():
        return None
    if b"-----BEGIN " not in _content(around, value):
        raise because("there is no certificate in this file; one in PEM form begins with -----BEGIN CERTIFICATE-----")
    return around.path(value)


def yes_or_no(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise not_allowed("true or false")
    return value


def embeddings(value: object, around: Surroundings) -> bool:
    """Read whether sentences are compared by meaning."""
    word = one_of("auto", "off", "on")(value)
    if word == "on" and "embeddings" not in around.extras:
        raise because("what this needs is not installed; run: pip install 'story-monitor[embeddings]'")
    return word != "off" and "embeddings" in around.extras


def database(value: str) -> str:
    """Read the name of the database file."""
    if value == ":memory:":
        raise because("the database is what monitor remembers by; it has to be a file")
    if "\0" in value or value.endswith("/"):
        raise not_allowed("the name of a file")
    return value


def _filled(value: str, around: Surroundings) -> str:
    """Put in what each `${NAME}` and `${file:/path}` stand for."""
    if "${" in REFERENCE.sub("", value):
        raise because("a ${ is not closed by a }")
    return REFERENCE.sub(lambda found: _referred(found[1], around), value)


def _referred(name: str, around: Surroundings) -> str:
    if name.startswith("file:"):
        try:
            text = _content(around, name.removeprefix("file:")).decode("utf-8").strip()
        except UnicodeDecodeError:
            raise because(f"the file of ${{{name}}} is not text in UTF-8") from None
    elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        if name not in around.env:
            raise because(f"the environment variable {name} is not set; set it before monitor starts")
        text = around.env[name].strip()
    else:
        raise because("allowed in ${ }: the NAME of an environment variable, or file:/path")
    if not text:
        raise because(f"${{{name}}} stands for nothing: it is empty")
    return text


def secret(value: str, around: Surroundings) -> str:
    """Read the key of the signature, which is never written out in the file."""
    if REFERENCE.fullmatch(value):
        return _filled(value, around)
    raise because(
        "a secret is not written into this file; put it into an environment variable or a file of its own, "
        "and write ${NAME} or ${file:/path} here"
    )


_IN_HEADER = re.compile("[!-~]+")


def bearer(value: str, around: Surroundings) -> str:
    """Read a key that is sent along with each question, and never written out in the file."""
    if _IN_HEADER.fullmatch(key := secret(value, around)):
        return key
    raise because("what ${…} stands for is no key: one is a single word of letters, digits and signs without accents")


def chat_url(value: str, around: Surroundings) -> str:
    """Read the address of a model that is asked as OpenAI's are; what all of them end in may be left out."""
    url = webhook(value, around)
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if not path.endswith(_CHAT):
        path += _CHAT
    return urlunsplit(parts._replace(path=path, fragment=""))


_CHAT = "/chat/completions"


def webhook(value: str, around: Surroundings) -> str:
    """Read the address that alerts are posted to."""
    if _address(url := _filled(value, around).strip()):
        return url
    raise not_allowed("an address that begins with http:// or https:// and names a host")


def apprise(value: str, around: Surroundings) -> str:
    """Read an Apprise address."""
    if re.match(r"[a-z][a-z0-9+.-]*://\S", url := _filled(value, around).strip(), re.IGNORECASE):
        return url
    raise not_allowed("an Apprise address such as ntfy://topic or mailto://…")


def proxy(value: str, around: Surroundings) -> str:
    """Read the address of a proxy, "env", or "" for none."""
    if value in ("", "env") or _address(value := _filled(value, around).strip()):
        return value
    raise not_allowed('"", "env", or the address of a proxy such as http://proxy:3128')
