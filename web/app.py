"""The Flask application: blueprints, security headers, and the one place where errors become statuses."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.ctx import _AppCtxGlobals
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestHeaderFieldsTooLarge, RequestURITooLarge

from geo.errors import AtlasError, DataError, InputError, NoRouteError, UnknownError
from layers import Catalog
from web import api, compression, pages
from web.deadline import Application, TimeIsUp
from web.settings import LARGEST_BODY, LARGEST_HEADERS, LONGEST_ADDRESS, Settings

STATUSES: list[tuple[type[AtlasError], int]] = [(UnknownError, 404), (DataError, 503), (InputError, 400), (NoRouteError, 404)]
_SAFE_HEADERS = (
    ("Server", "Corridor Atlas"),  # or the server would name itself
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
_DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page: a browser that shows it runs and fetches nothing for it."""


class _Globals(_AppCtxGlobals):
    """What ``g`` holds of a request; its nonce is made only where a page asks for it."""

    @cached_property
    def nonce(self) -> str:
        return secrets.token_urlsafe(16)


class _Safe:
    """Puts the headers that never differ behind each answer's own: here they cost nothing, as headers of Flask's a tenth."""

    def __init__(self, app: Application) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            return start_response(status, [*headers, *_SAFE_HEADERS], error)

        return self._app(environ, start)


def create_app(catalog: Catalog, settings: Settings | None = None) -> Flask:
    """Return the application over a catalog; it takes up a newer release by itself, between requests."""
    app = Flask(__name__, static_folder=None)
    app.app_ctx_globals_class = _Globals
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY  # what comes in chunks, and says no length
    app.extensions["corridor"] = {"catalog": catalog, "settings": settings or Settings()}
    app.register_blueprint(pages.pages)
    app.register_blueprint(api.api)
    app.before_request(_begin)
    app.before_request(_within_limits)
    app.before_request(compression.refuse_impossible)
    app.after_request(compression.compress)
    app.after_request(_secure)
    app.register_error_handler(AtlasError, _atlas_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(TimeIsUp, _too_long)
    app.register_error_handler(Exception, _our_fault)
    app.wsgi_app = _Safe(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _begin() -> None:
    """Fix the release of a request: it is answered from one release throughout."""
    state = current_app.extensions["corridor"]
    g.settings = state["settings"]
    state["catalog"] = g.catalog = state["catalog"].newest()


def _within_limits() -> None:
    """Refuse what is too large before anything of it is read."""
    environ = request.environ
    address = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", ""))
    if address > LONGEST_ADDRESS:
        raise RequestURITooLarge(f"The address is {address:,} bytes long; at most {LONGEST_ADDRESS:,} are read.")
    headers = sum(len(value) for name, value in environ.items() if name[:5] == "HTTP_")
    if headers > LARGEST_HEADERS:
        raise RequestHeaderFieldsTooLarge(f"The headers are {headers:,} bytes long; at most {LARGEST_HEADERS:,} are read.")
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise RequestEntityTooLarge("The body comes in chunks and says no length. No address here reads one: leave it out.")
    body = environ.get("CONTENT_LENGTH")
    if body and (not body.isdecimal() or int(body) > LARGEST_BODY):
        raise RequestEntityTooLarge(f"The body is {body} bytes long; at most {LARGEST_BODY:,} are read.")


def _secure(response: Response) -> Response:
    """Give an answer its policy; the headers that never differ are ``_Safe``'s."""
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers.add("Content-Security-Policy", _policy() if response.mimetype == "text/html" else _DATA_POLICY)
    if "nonce" in g:
        headers.pop("ETag", None)  # a 304 would give the page that is held another policy, without its nonce
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-cache")
    return response


def _policy() -> str:
    """Return the policy of a page; a nonce is in it where the page has one."""
    host = getattr(g, "settings", Settings()).tiles_host
    nonce = f" 'nonce-{g.nonce}'" if "nonce" in g else ""
    return _page_policy(host, frames="*" if request.endpoint == "pages.embed" else "'self'").replace(_NONCE, nonce)


_NONCE = " {nonce}"


@lru_cache(maxsize=8)
def _page_policy(host: str, *, frames: str) -> str:
    return (
        f"default-src 'none'; script-src 'self'{_NONCE}; style-src 'self'{_NONCE}; "
        f"img-src 'self' data: blob: {host}; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )


def _atlas_error(error: AtlasError) -> Response:
    status = next((s for kind, s in STATUSES if isinstance(error, kind)), 400)
    return _problem(status, {400: "Bad request", 404: "Not found", 503: "Not ready"}[status], error.faults)


def _http_error(error: HTTPException) -> Response:
    detail = f"There is nothing at {request.path}." if error.code == 404 else (error.description or "")
    response = _problem(error.code or 500, error.name, (detail,))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _too_long(_: TimeIsUp) -> Response:
    seconds = g.settings.request_seconds
    current_app.logger.warning("%s %s was broken off after %g s", request.method, request.path, seconds)
    told = f"The answer was broken off after {seconds:g} seconds. Ask for less: a smaller area, fewer features with limit."
    return _problem(503, "Took too long", (told,))


def _our_fault(error: Exception) -> Response:
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    return _problem(500, "A fault of ours", ("Something failed on our side. The request was recorded.",))


def _problem(status: int, title: str, faults: tuple[str, ...]) -> Response:
    """Return a problem document (RFC 9457), or a page where a person asked."""
    if wants_page():
        page = render_template("error.html", title=title, faults=faults, root=request.script_root)
        return make_response(page, status)
    problem = jsonify(title=title, status=status, detail=" ".join(faults), faults=list(faults))
    problem.status_code = status
    problem.mimetype = "application/problem+json"
    return problem


def wants_page() -> bool:
    """Tell whether the asker prefers a page over JSON."""
    if "f" in request.args:
        return request.args["f"] == "html"
    kinds = ("application/json", "text/html")
    return request.accept_mimetypes.best_match(kinds, default=kinds[0]) == "text/html"
