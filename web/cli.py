"""The command ``corridor``: the same words and the same answers as the HTTP and the Python API."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from geo import areas
from geo.errors import AtlasError, Faults, InputError, NoRouteError
from layers import Catalog, catalog
from layers.catalog import Selection
from layers.query import Question, names_of, read_filter
from layers.ships import DEFAULT_SPEED_KN, DRAUGHTS_M, MOST_ALTERNATIVES, SPEEDS_KN
from layers.stores.files import FileStore
from web import brought, settings, tables, voyagewords
from web import export as exports
from web.tables import Answer
from web.view import THEMES, parse

EXIT_MEND, EXIT_NO_ANSWER, EXIT_OUR_FAULT = 2, 3, 1


class _Signed(click.Command):
    """A command whose options take what begins with a minus sign: ``--bbox -180,60,-170,70``, ``--near -173.2,64.4``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _joined(args, {o for p in self.params if isinstance(p, click.Option) for o in p.opts}))


def _joined(args: list[str], options: set[str]) -> list[str]:
    out: list[str] = []
    for word in args:
        if out and out[-1] in options and word[:1] == "-" and word[1:2].isdecimal():
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="corridor-atlas", prog_name="corridor")
def cli() -> None:
    """Query and map the India–Russia strategic-minerals corridor."""


@cli.command()
def build() -> None:
    """Assemble all layers into a new release and print its id."""
    from layers.build import build as build_release  # noqa: PLC0415  GeoPandas takes a third of a second to load

    click.echo(build_release(FileStore(catalog.home()), progress=_say, warn=lambda line: click.echo(line, err=True)))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, settings.LAST_PORT),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--workers", type=click.IntRange(1, settings.MOST_WORKERS), help="Processes that answer.  [default: one a core, 2 to 4]"
)
def serve(host: str, port: int, workers: int | None) -> None:
    """Serve the explorer and the API."""
    from web import serving  # noqa: PLC0415  no other command needs Flask and the server

    chosen = settings.read()
    serving.serve(
        catalog.home(), chosen, host=host, port=port, workers=workers or chosen.workers or settings.sensible_workers()
    )


@cli.command()
@click.option("--format", "form", default="table", show_default=True, help="table or json")
def layers(form: str) -> None:
    """List the layers: id, title, geometry, features, release."""
    atlas = Catalog.open(catalog.home())
    _one_of("format", form, ("table", "json"))
    keys = ("id", "title", "geometry", "features", "release")
    rows = [{**one.about, "title": one.about["title"]["en"], "release": atlas.release.id} for one in atlas.layers]
    listed = [{k: row[k] for k in keys} for row in rows]
    if form == "json":
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    table = [list(keys), *([str(row[k]) for k in keys] for row in listed)]
    widths = [max(len(r[i]) for r in table) for i in range(len(keys))]
    for row in table:
        click.echo("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


@cli.command(cls=_Signed)
@click.argument("layer", nargs=-1, required=True)
@click.option("--region", help="Name or code of a country, state, krai, oblast or federal district.")
@click.option("--bbox", metavar="W,S,E,N", help="Box in degrees; west > east crosses 180°.")
@click.option("--polygon", metavar="FILE", help="GeoJSON file with a polygon.")
@click.option("--near", metavar="PLACE|LON,LAT", help="A port or other feature, or a position; needs --radius.")
@click.option("--radius", metavar="300km", help="Geodesic radius: km, nm or mi.")
@click.option("--filter", "cql2", metavar="CQL2", help="CQL2 text: \"status = 'operating' AND throughput_t_y > 1000000\".")
@click.option("--datetime", metavar="TIME", help="A date, a time or an interval of them: 2024-01-01/..")
@click.option("--sortby", metavar="A,-B", help="Properties to sort by, one with a minus sign descending.")
@click.option("--properties", metavar="A,B", help="Properties to keep; all by default.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many features of each layer.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Leave out so many features of each layer first.")
@click.option("--format", "form", help=f"{', '.join(tables.FORMATS)}; by default table, or what the file's name says.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the terminal.")
def query(layer: tuple[str, ...], form: str | None, output: str | None, polygon: str | None, **asked: Any) -> None:
    """Features of one or several layers, all or by region."""
    atlas = Catalog.open(catalog.home())
    fault = Faults()
    asked["polygon"] = fault.attempt(areas.read_polygon, polygon) if polygon is not None else None
    asked["filter"] = fault.attempt(read_filter, asked.pop("cql2"))
    asked["sortby"] = names_of(asked["sortby"]) or ()
    asked["properties"] = names_of(asked["properties"])
    question = fault.attempt(lambda: Question(**asked))
    chosen = fault.attempt(_format, form, output)
    # What is named is looked up even where the rest does not hold together.
    named = question or Question(filter=asked["filter"], sortby=asked["sortby"], properties=asked["properties"])
    if asked["region"] is not None:
        fault.attempt(atlas.region, asked["region"])
    if asked["near"] is not None:
        fault.attempt(atlas.place, asked["near"])
    for one in layer:
        stored = fault.attempt(atlas.layer, one)
        if stored is not None:
            fault.attempt(catalog.check, stored, named)
    fault.throw()
    assert question is not None  # or its faults were thrown
    found = [fault.attempt(atlas.select, one, question) for one in dict.fromkeys(layer)]
    fault.throw()
    assert chosen is not None  # or its fault was thrown
    answer = Answer(atlas, [selection for selection in found if selection is not None])
    for note in filter(None, (tables.timeless(selection, question) for selection in answer.selections)):
        click.echo(note, err=True)
    _put(answer.text(chosen), output, form=chosen)


class _Placed(_Signed):
    """A command whose arguments may begin with a minus sign too: ``corridor route -173.2,64.4 Vladivostok``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {o for p in self.params if isinstance(p, click.Option) for o in p.opts}
        # A place that begins with a space is no option; ``places`` takes the space away again.
        return super().parse_args(ctx, [f" {w}" if _NEGATIVE.match(w) else w for w in _joined(args, options)])


_NEGATIVE = re.compile(r"-[0-9.]")


_VOYAGE = (
    click.option(
        "--close", metavar="PASSAGE", multiple=True, help="A passage not to use; several with commas, or given again."
    ),
    click.option("--open", metavar="PASSAGE", multiple=True, help="A passage to use that is closed otherwise."),
    click.option("--avoid", metavar="REGION", multiple=True, help="A region whose waters to keep out of; several as above."),
    click.option("--date", metavar="YYYY-MM-DD", help="The day of the voyage; none assumes no season."),
    click.option("--ice-class", metavar="CLASS", help="Ice class of the ship; none by default."),
    click.option("--draught", metavar="M", help=f"Draught in metres, {DRAUGHTS_M[0]:g} to {DRAUGHTS_M[1]:g}."),
    click.option(
        "--speed", metavar="KN", help=f"Knots, {SPEEDS_KN[0]:g} to {SPEEDS_KN[1]:g}.  [default: {DEFAULT_SPEED_KN:g}]"
    ),
    click.option("--alternatives", metavar="N", help=f"So many ways at most, 1 to {MOST_ALTERNATIVES}.  [default: 1]"),
)
Command = TypeVar("Command", bound=Callable[..., Any])


def _voyage_options(command: Command) -> Command:
    """Give a command the options of a voyage: what stands between its two ends is asked alike everywhere."""
    for option in reversed(_VOYAGE):
        command = option(command)
    return command


@cli.command(cls=_Placed)
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@_voyage_options
@click.option("--format", "form", default="table", show_default=True, help="table, json or geojson")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the terminal.")
def route(start: str, end: str, form: str, output: str | None, **asked: Any) -> None:
    """The way by sea between two ends, what it passes and what is said of it; the land corridors that join them too.

    FROM and TO are a port's name or id, LAYER/ID or LON,LAT.
    """
    from layers.journeys import answer  # noqa: PLC0415  every other command starts without the network
    from web import voyages  # noqa: PLC0415

    atlas = Catalog.open(catalog.home())
    fault = Faults()
    fault.attempt(_one_of, "format", form, voyages.ROUTE_FORMATS)
    words = {"from": start, "to": end, **{word: given for word, given in asked.items() if given not in (None, ())}}
    voyage = fault.attempt(voyagewords.read, words, atlas)
    fault.throw()
    assert voyage is not None  # or its faults were thrown
    routes = answer(atlas, voyage)
    _put(voyages.route_text(routes, atlas, form), output, form=form)
    if routes.reason and not routes.corridors:
        raise NoRouteError(routes.reason)


@cli.command()
@click.option("--format", "form", default="table", show_default=True, help="table, json or csv")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the terminal.")
def exposure(form: str, output: str | None) -> None:
    """Which trade routes pass each passage, and what its closing costs each in nautical miles and days."""
    from web import voyages  # noqa: PLC0415  as above

    _one_of("format", form, voyages.EXPOSURE_FORMATS)
    _put(voyages.exposure_text(Catalog.open(catalog.home()).exposure(), form), output, form=form)


@cli.command(cls=_Signed)
@click.option("--layers", "shown", metavar="A,B", help="Layers to show, or none; all by default.")
@click.option("--region", help="Only what lies in a named region.")
@click.option("--bbox", metavar="W,S,E,N", help="Only what lies in a box; west > east crosses 180°.")
@click.option("--polygon", metavar="FILE", help="Only what lies in the polygons of a GeoJSON file.")
@click.option("--near", metavar="PLACE|LON,LAT", help="Only what lies near a place; needs --radius.")
@click.option("--radius", metavar="300km", help="Geodesic radius: km, nm or mi.")
@click.option("--from", metavar="END", help="Draw the ways by sea from a port's name or id, LAYER/ID or LON,LAT; needs --to.")
@click.option("--to", metavar="END", help="The other end.")
@_voyage_options
@click.option("--select", metavar="LAYER/ID", help="The feature whose popup is open.")
@click.option("--at", metavar="LON,LAT,ZOOM", help="Where the map opens.")
@click.option("--theme", help=f"{', '.join(THEMES)}")
@click.option("--title", default="", help="Title of the page.")
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="Where to: map.html, or data by .geojson, .csv, .gpkg, .parquet, .kml"
)
def export(output: str, title: str, polygon: str | None, shown: str | None, **words: Any) -> None:
    """Write a view as one HTML file that works with no network, or as data."""
    atlas = Catalog.open(catalog.home())
    fault = Faults()
    kind = fault.attempt(_ending, output)
    area = fault.attempt(areas.read_polygon, polygon) if polygon is not None else None
    view = fault.attempt(lambda: parse({**words, "layers": shown}, atlas, polygon=area))
    if kind not in (None, ".html") and (words["from"] or words["to"]):
        fault(f"{output!r} holds features only. Write the route by 'corridor route FROM TO --format geojson -o FILE'.")
    fault.throw()
    assert view is not None  # or their faults were thrown
    assert kind is not None
    if kind == ".html":
        data = exports.html(atlas, view, title=title, settings=settings.read())
        for selection in view.left_out(atlas):
            click.echo(_left_out(selection, Path(output)), err=True)
    else:
        data = Answer(atlas, view.selections(atlas)).text(kind.lstrip("."))
    exports.write_whole(Path(output), data)
    routes = view.routes(atlas)
    if routes and routes.reason and not routes.corridors:
        raise NoRouteError(routes.reason)


@cli.command(name="import")
@click.argument("file", metavar="FILE")
@click.option(
    "--source-layer", "wanted", metavar="NAME", multiple=True, help="A layer of the file; may be given again. All by default."
)
@click.option("--layer", "rename", metavar="ID", help="Another id for a single layer.")
@click.option("--dry-run", is_flag=True, help="Say what would be imported, and write nothing.")
@click.option("--format", "form", default="text", show_default=True, help="text or json")
def import_(file: str, wanted: tuple[str, ...], rename: str | None, dry_run: bool, form: str) -> None:
    """Bring the layers of a file into the next release.

    FILE is GeoJSON, GeoPackage, Shapefile (.zip, or .shp with its parts), CSV with coordinates, KML, FlatGeobuf or GeoParquet.
    """
    from layers import foreign, importers  # noqa: PLC0415  every other command starts without GDAL and Arrow
    from layers.build import add as add_layers  # noqa: PLC0415
    from web import importing  # noqa: PLC0415

    _one_of("format", form, importing.FORMATS)
    atlas = Catalog.open(catalog.home())
    _say(f"Reading {file}")
    layers = importers.read(file, source_layers=wanted, rename=rename)
    foreign.check(layers, [one.id for one in atlas.layers if not one.about["imported"]])
    before = importing.replaced(layers, atlas)
    release = None if dry_run else add_layers(FileStore(catalog.home()), layers, progress=_say)
    if form == "json":
        shown = {"release": release, "layers": [importing.report(one, before) for one in layers]}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        click.echo(importing.text(layers, release, before))


def main() -> None:
    """Run the command; every error of ours ends in its exit code with one line per fault, and no traceback."""
    try:
        settings.read()
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "corridor"
        _fail((f"{error.format_message()} '{command} --help' tells what it takes.",), EXIT_MEND)
    except NoRouteError as error:
        _fail(error.faults, EXIT_NO_ANSWER)
    except AtlasError as error:
        _fail(error.faults, EXIT_MEND)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone: nothing more to say, not even at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_OUR_FAULT)


def _say(line: str) -> None:
    """Tell how far long work is, to somebody who watches."""
    if sys.stderr.isatty():
        click.echo(line, err=True)


def _fail(faults: tuple[str, ...], code: int) -> None:
    for line in faults:
        click.echo(line, err=True)
    sys.exit(code)


def _format(form: str | None, output: str | None) -> str:
    if form is None:
        form = Path(output).suffix.lstrip(".").lower() if output and Path(output).suffix else "table"
        form = "table" if form == "txt" else form
    tables.writer(form)
    return form


def _one_of(what: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise InputError(f"{given!r} is not a {what} that is known. Known: {', '.join(known)}.")
    return given


def _ending(output: str) -> str:
    endings = (".html", ".geojson", ".csv", ".gpkg", ".parquet", ".kml")
    if Path(output).suffix.lower() not in endings:
        raise InputError(f"{output!r} does not say by its ending what to write. Known: {', '.join(endings)}, as in map.html")
    return Path(output).suffix.lower()


def _left_out(selection: Selection, path: Path) -> str:
    """Return what an export says of a layer that its map cannot hold."""
    layer = selection.layer.id
    smaller = f"draw a region of it: --layers {layer} --region NAME" if selection.doubt is None else "ask for a smaller area"
    return (
        f"{layer} is left out of {path.name}: it has {brought.why_not(len(selection))}. To have it, {smaller}; "
        f"or write all of it as data: --layers {layer} -o {layer}.csv"
    )


def _put(data: bytes, output: str | None, *, form: str) -> None:
    if output is not None:
        exports.write_whole(Path(output), data)
        return
    if sys.stdout is None:
        raise InputError("There is no output to write to: it is closed. Name a file with -o.")
    if form in tables.BINARY and sys.stdout.isatty():
        raise InputError(f"The format {form} is not for a terminal. Name a file: -o answer.{form}")
    rest = memoryview(data)
    try:
        while rest:  # unbuffered, a write may take a part only
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"The answer cannot be written: {error.strerror}. Name a file where there is room, with -o.") from None


if __name__ == "__main__":
    main()
