"""Addresses: the canonical form, under which a page is asked for and filed, and the identity, by which it is known.

    canonical   what the list says, less what is known to carry no content: it can always be asked for
    identity    what many spellings of one page's address have in common; a key, never asked for
    host, site  whom we are polite to, and which hosts are one site

Addresses are read as browsers read them (WHATWG URL Standard, through ada).  Nothing that may tell two pages apart is
dropped, by the tables below: a page read twice is found to be a copy, a page filed under another's address is lost.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote

import ada_url

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_LENGTH = 8_192
"""Characters of an address; RFC 9110 (section 4.1) asks that 8,000 octets be supported, and nobody prints more."""

TRACKING_PARAMETERS = frozenset(
    """
    fbclid fb_action_ids fb_action_types fb_ref fb_source igsh igshid
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid _ga _gl
    msclkid yclid ymclid ysclid _openstat twclid __twitter_impression ttclid li_fat_id epik rdt_cid scclid
    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking
    vero_id vero_conv oly_anon_id oly_enc_id rb_clickid wickedid _branch_match_id dm_i
    pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid ns_mchannel ns_source ns_campaign ns_linkname
    ns_fee xtor wt_mc wt.mc_id wt_zmc soc_src soc_trk spm spm_id_from vd_source guccounter guce_referrer
    guce_referrer_sig isappinstalled wxshare_count nsukey ref_src ref_url cmpid s_cid sc_channel ocid ncid smid smtyp
    tblci dicbo usqp amp_js_v amp_gsa amp_ct
    jsessionid phpsessid cfid cftoken oscsid zenid
    """.split()  # noqa: SIM905  one a line would be seventy lines
)
"""Query parameters, in lower case, that say how a reader came or who he is, and never which page is meant.

Names that another site may use for its articles (cid, ref, source, cmp, sid) are not here; see OFTEN_TRACKING.
"""

TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_", "at_", "aspsessionid")
"""The same, where a whole family shares the beginning of its name."""

OFTEN_TRACKING = frozenset(
    """
    from ref referer referrer referral refer source src rss feed cmp campaign campaign_id ito mod ftag sref taid
    partner share shared sharing share_from sharefrom share_to shareto share_token sharetoken share_id shareid
    share_source share_medium share_type wxshare scene clicktime enterid chksm tt_from tt_group_id utm
    sid session sessionid session_id sessid
    """.split()  # noqa: SIM905
)
"""The same, where another site may mean its articles by them: no part of the identity of an address whose path alone
names one article."""

_YES = ("", "1", "true", "yes")
VIEW_PARAMETERS = {
    "amp": (*_YES, "amp"), "outputtype": ("amp",), "output": ("amp",), "view": ("amp", "print", "mobile"),
    "print": _YES, "printable": _YES, "mode": ("print",), "mobile": _YES, "m": ("1",),
}  # fmt: skip
"""Query parameters, in lower case, that ask for another view of a page, with the values that do."""

SIBLINGS = frozenset("m mobile wap 3g touch amp".split())  # noqa: SIM905
"""Names in front of a site's own that serve the same articles for other devices."""

VIEWS = frozenset("amp print printable mobile m page single full all comments comment share embed".split())  # noqa: SIM905
"""Path segments that name another view of the page above them."""

# What is written as it is serialised, as most links are: no name to decode, no path with dots as segments.
_SERIALISED = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9-]+\.)+[a-z]{2,63}(?:/(?!\.)[\w~.-]*)+(?:\?[\w~.,:;=&%+/@-]*)?", re.ASCII
)
_ENDS_OF_HOST = frozenset("/?#@\\:\t\r\n")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_DEFAULT_FILES = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)
_NUMBER_OR_HASH = re.compile(r"\d{4,}|\d{2}-\d{2}|[0-9a-f]{12,}", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_WORD_BREAKS = re.compile(r"[-_+ ]+")
_AMP_IN_PATH = re.compile(r"(?:/amp)+/*$|\.amp(?=(?:\.s?html?)?$)|_amp(?=\.s?html?$)", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def resolve(url: str, base: str | None = None) -> str:
    """Return the address absolute and serialised as the WHATWG URL Standard says, of any scheme.

    Raises  ValueError if it is no address, or relative without a base that can carry it.
    """
    if _SERIALISED.fullmatch(url):
        return url
    if not url.isascii() and _LONE_SURROGATES.search(url):
        url = url.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        return ada_url.normalize_url(url) if base is None else ada_url.join_url(base, url)
    except ValueError:
        raise ValueError(f"{_shown(url)} is not an address") from None


def ascii_host(host: str) -> str:
    """Return the host name in ASCII (UTS 46, as the WHATWG URL Standard uses it).

    Raises  ValueError if it is no host name.
    """
    if not set(host) & _ENDS_OF_HOST or host.startswith("["):
        with suppress(ValueError):
            found = ada_url.URL(f"https://{host}/").hostname
            if isinstance(found, str) and found:
                return found
    raise ValueError(f"{_shown(host)} is not a host name")


def canonical(url: str, base: str | None = None) -> str:
    """Return the one form of an address: absolute, without fragment, user name, tracking parameters and session ids.

    A fragment that names a page by itself ("#!/story/7", as old script-driven sites have it) stays.

    base    what a relative address starts from
    Raises  ValueError, with a plain sentence, if it is no http or https address or longer than MAX_LENGTH.
    """
    text = resolve(url, base)
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{_shown(text)} is not a web address: only http and https are read")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{_shown(text)} is longer than {MAX_LENGTH} characters")
    text, _, fragment = text.partition("#")
    scheme, authority, path, query = _parts(text)
    if "@" in authority:
        authority = authority[authority.rindex("@") + 1 :]
    if query:
        query = "&".join(piece for piece in query.split("&") if not _is_tracking(piece))
        query = query if query.strip("&") else ""
    cleaned = _SESSION_IN_PATH.sub("", path) if ";" in path else path
    text = f"{scheme}://{authority}{cleaned}" + (f"?{query}" if query else "")
    # What is left of a path may read otherwise than before ("/a/..;jsessionid=1/b"): serialise once more.
    text = text if cleaned == path else ada_url.normalize_url(text)
    return f"{text}#{fragment}" if len(fragment) > 1 and fragment[0] == "!" else text


def identity(url: str) -> str:
    """Return what the spellings of one page's address have in common: a key, never an address to ask for.

    http and https, with and without "www.", a last slash, the order of parameters and needless escapes make no
    difference.  Where the path names one article by itself, nor do the mobile and AMP views of it (`SIBLINGS`, "/amp",
    `VIEW_PARAMETERS`) and what often counts readers (`OFTEN_TRACKING`).
    Raises  ValueError if it is no http or https address

    >>> identity("http://m.news.example/2026/11/mill-fire/?from=timeline#top")
    'news.example/2026/11/mill-fire'
    """
    address, _, fragment = canonical(url).partition("#")
    _, authority, path, query = _parts(address)
    path, pieces = _plainly_escaped(path), [_plainly_escaped(piece) for piece in query.split("&") if piece]
    pieces = [piece for piece in pieces if not _is_tracking(piece)]
    plain = _AMP_IN_PATH.sub("", path)
    if alone := _path_names_article(plain):
        path = plain
        pieces = [piece for piece in pieces if not _is_view(piece) and _name(piece) not in OFTEN_TRACKING]
    if all("=" in piece for piece in pieces):  # "?a/b&c" may be a path of its own
        pieces.sort(key=lambda piece: piece.partition("=")[0])
    key = _without_sibling(authority, alone) + (path.rstrip("/") or "/")
    return key + ("?" + "&".join(pieces) if pieces else "") + (f"#{fragment}" if fragment else "")


def host(url: str) -> str:
    """Return the unit of politeness: the host in lower case, with its port where that is not the scheme's own.

    Raises  ValueError if it is no http or https address.
    """
    return _parts(canonical(url))[1]


def without_port(authority: str) -> str:
    """Return a host without its port, an IPv6 address still in brackets."""
    return authority if authority.endswith("]") else authority.rpartition(":")[0] or authority


def site(url: str) -> str:
    """Return the registrable domain ("example.co.uk"), by the public suffix list that ships with tldextract.

    Hosts that have none (IP addresses, localhost, names without a dot, public suffixes) stand for themselves, with
    their port: what runs on another port there is another's.
    Raises  ValueError if it is no http or https address.
    """
    return site_of(host(url))


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses belong to one site; an address that cannot be read belongs to none."""
    try:
        return site(a) == site(b)
    except ValueError:
        return False


def is_home(url: str) -> bool:
    """Tell whether a canonical address is the front page of its host."""
    _, _, path, query = _parts(url)
    return not query and _DEFAULT_FILES.sub("/", path) == "/"


def names_article(url: str) -> bool:
    """Tell whether a canonical address reads as that of one article rather than of a section.

    So it does with a date, a number of four digits or more or a hash in its path, with a last segment of three words or
    more, with one of several letters of another script, or with an id in its query.
    """
    _, _, path, query = _parts(url)
    return _path_names_article(path) or _has_id(query)


def _path_names_article(path: str) -> bool:
    segments = [segment for segment in path.split("/") if segment]
    if not segments:
        return False
    last = unquote(_DOCUMENT.sub("", segments[-1]))
    words = [word for word in _WORD_BREAKS.split(last) if word]
    foreign = sum(not letter.isascii() for letter in last)
    return len(words) >= 3 or foreign >= 6 or any(map(_NUMBER_OR_HASH.search, segments))


def filing_url(fetched: str, claimed: str | None) -> str:
    """Return the address to file a page under: the canonical one that it claims for itself, where that can be believed.

    fetched  where the page was found, after redirects
    claimed  its canonical link, absolute or relative to `fetched`; None: it has none
    Returns  the claim when it is on the same site and names one page; else the canonical form of `fetched`.
             A claim of the front page, of a section above the page, or of a script without the id that told its pages
             apart, is a slip of the site's template: believed, it would file many articles as one.
    Raises   ValueError if `fetched` is no http or https address.
    """
    found = canonical(fetched)
    if not claimed or not claimed.strip():
        return found
    try:
        claim = canonical(claimed.strip(), found)
    except ValueError:
        return found
    is_ours = claim == found or site_of(_parts(claim)[1]) == site_of(_parts(found)[1])
    return claim if is_ours and not _is_wider(claim, found) else found


def _is_wider(claim: str, found: str) -> bool:
    """Tell whether the claim names something that holds more pages than the one found."""
    if names_article(claim) or claim == found:
        return False
    _, _, claim_path, claim_query = _parts(claim)
    _, _, path, query = _parts(found)
    above, below = claim_path.rstrip("/"), path.rstrip("/")
    if above == below:
        return _has_id("&".join(piece for piece in query.split("&") if not _is_view(piece))) and not claim_query
    if below.startswith(above + "/"):
        rest = below[len(above) + 1 :].split("/")
        return not all(segment.lower() in VIEWS or segment.isdecimal() for segment in rest)
    return names_article(found)


def _has_id(query: str) -> bool:
    """Tell whether a query has a parameter whose value is a number or a hash: `?id=5`, `?p=123`."""
    values = [piece.partition("=")[2] for piece in query.split("&")]
    return any(value.isdecimal() or _NUMBER_OR_HASH.search(value) for value in values)


def _name(piece: str) -> str:
    return piece.partition("=")[0].lower()


def _is_tracking(piece: str) -> bool:
    name = _name(piece)
    while name.startswith("amp;"):  # "&amp;" that was escaped once too often
        name = name[4:]
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _is_view(piece: str) -> bool:
    name, _, value = piece.partition("=")
    return value.lower() in VIEW_PARAMETERS.get(name.lower(), ())


def _plainly_escaped(text: str) -> str:
    """Return text in which only what has to be escaped is, in capitals (RFC 3986, section 6.2.2)."""
    return _ESCAPE.sub(_needed, text) if "%" in text else text


def _needed(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_sibling(authority: str, article: bool) -> str:
    """Return a host without "www." and, of an article's address, without what its site calls its other views."""
    own = site_of(authority)
    while authority != own:
        first, _, rest = authority.partition(".")
        if site_of(rest) != own or not (first == "www" or (article and first in SIBLINGS and rest == own)):
            break
        authority = rest
    return authority


def _parts(text: str) -> tuple[str, str, str, str]:
    """Split a serialised http address without fragment into scheme, authority, path (with its slash) and query."""
    scheme, _, rest = text.partition("://")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    return scheme, authority, slash + path, query


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    """Read the public suffix list that ships with tldextract, once; never the network, never a cache on disk."""
    from tldextract import TLDExtract  # takes 0.1 s, which most commands need not spend

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4_096)
def site_of(authority: str) -> str:
    """Return the site of a host, which may have a port; as `site` does for an address."""
    name = without_port(authority)
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        found = _suffixes().extract_str(name.rstrip("."))
        if not found.suffix and found.subdomain:  # the list's rule where no other holds: the last label is a suffix
            return f"{found.subdomain.rpartition('.')[2]}.{found.domain}"
        return found.top_domain_under_public_suffix or authority
    return authority


def _shown(text: str) -> str:
    """Quote an address for a message, shortened."""
    return repr(text if len(text) <= 120 else text[:117] + "...")
