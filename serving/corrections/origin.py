"""What keeps pages of others away from what is kept here, on a service without keys.

A page of any site that a browser on this machine has open can send requests to it. A service with keys is safe: no page
has the key but by its user's hand, and no cookie means anything. Without keys, as Jupyter does on a loopback address:

- the ``Host`` must be a name of this machine, so that a foreign name that resolves to it (DNS rebinding) is of no use;
- ``Sec-Fetch-Site`` and ``Origin``, where a browser sends them, must be those of the page that is served here;
- a body must be announced as JSON, or a file of another type than those that any page may send to another origin
  without being asked (CORS).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.logs import current
from serving.metrics import Metrics
from serving.problems import Problem, answer

#: The paths of what is kept; all that is below them too.
PATHS: Final = ("/articles", "/compare", "/export", "/import", "/label-studio")

_NAMES: Final = frozenset(("localhost", "localhost."))
_KIND: Final = "cross-origin"


class CheckOrigin:
    """Refuses requests for :data:`PATHS` that do not come from this machine's user, on a service without keys.

    *hosts* are names that the service is known by, besides those of the loopback interface.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_kept(scope["path"]):
            return await self._app(scope, receive, send)
        reason = self._reason(Headers(scope=scope))
        if reason is None:
            return await self._app(scope, receive, send)
        current().route = scope["path"] if scope["path"] in PATHS else "other"
        self._metrics.count_problem(_KIND)
        await answer(Problem(_KIND, reason))(scope, receive, send)

    def _reason(self, headers: Headers) -> str | None:
        """Why the request is refused, if it is."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return (
                "Without keys, what is kept here is only for this machine: the Host must be localhost or a loopback "
                "address, or one of RAQAM_TRUSTED_HOSTS."
            )
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "Without keys, no page of another site or port may use what is kept here (Sec-Fetch-Site)."
        origins = headers.getlist("origin")
        if any(_authority(origin) != hosts[0].lower() for origin in origins):
            return "Without keys, no page of another origin may use what is kept here (Origin)."
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host.lower())
        return name is not None and (name in _NAMES or name in self._hosts or _is_loopback(name))


def is_kept(path: str) -> bool:
    """Whether *path* is one of what is kept.

    >>> [is_kept(path) for path in ("/articles", "/articles/1", "/articlesque", "/annotate")]
    [True, True, False, False]
    """
    return any(path == kept or path.startswith(f"{kept}/") for kept in PATHS)


def _name(host: str) -> str | None:
    """The name in a Host header, without the port; None where it is none.

    >>> _name("[::1]:8000"), _name("localhost:8000"), _name("localhost@evil.example"), _name("")
    ('::1', 'localhost', None, None)
    """
    if set("@/\\?# \t") & set(host):
        return None
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _authority(origin: str) -> str | None:
    """Host and port of an Origin; None where it has none, as ``null``."""
    scheme, mark, authority = origin.lower().partition("://")
    return authority if mark and scheme in ("http", "https") else None


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
