"""The Flask application: blueprints, security headers, and the one place where errors become statuses."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from geo.errors import AtlasError, DataError, InputError, NoRouteError, UnknownError
from layers import Catalog
from web import api, pages
from web.settings import LARGEST_BODY, Settings

STATUSES: list[tuple[type[AtlasError], int]] = [(UnknownError, 404), (DataError, 503), (InputError, 400), (NoRouteError, 404)]
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(catalog: Catalog, settings: Settings | None = None) -> Flask:
    """Return the application over a catalog; it takes up a newer release by itself, between requests."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["corridor"] = {"catalog": catalog, "settings": settings or Settings()}
    app.register_blueprint(pages.pages)
    app.register_blueprint(api.api)
    app.before_request(_begin)
    app.after_request(_secure)
    app.register_error_handler(AtlasError, _atlas_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)
    return app


def _begin() -> None:
    """Fix the release and the nonce of a request: it is answered from one release throughout."""
    if (request.content_length or 0) > LARGEST_BODY:
        # No address reads a body: nothing of it is fetched.
        raise RequestEntityTooLarge(f"The body has {request.content_length:,} bytes; at most {LARGEST_BODY:,} are taken.")
    state = current_app.extensions["corridor"]
    state["catalog"] = g.catalog = state["catalog"].newest()
    g.settings = state["settings"]
    g.nonce = secrets.token_urlsafe(16)


def _secure(response: Response) -> Response:
    for name, value in _SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy())
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _policy() -> str:
    nonce = getattr(g, "nonce", "")
    host = getattr(g, "settings", Settings()).tiles_host
    frames = "frame-ancestors *" if request.endpoint == "pages.embed" else "frame-ancestors 'self'"
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data: blob: {host}; connect-src 'self'; base-uri 'none'; form-action 'self'; {frames}"
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


def _our_fault(error: Exception) -> Response:
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    return _problem(500, "A fault of ours", ("Something failed on our side. The request was recorded.",))


def _problem(status: int, title: str, faults: tuple[str, ...]) -> Response:
    """Return a problem document (RFC 9457), or a page where a person asked."""
    if wants_page():
        page = render_template("error.html", title=title, faults=faults)
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
