"""The process behind ``geo.ogr``: reads a task on its input, writes each layer as an Arrow file, answers in JSON."""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.raw

_CPU_SECONDS = 840
"""Less than the time that ``geo.files.Limits`` gives: what is left alone, without the one that would end it, ends itself."""
_CURVES = (8, 12)
"""The codes of WKB from CircularString to MultiSurface."""


def main() -> None:
    """Do the task, or answer with the fault."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task = json.load(sys.stdin)
    try:
        allowed = set(pyogrio.list_drivers())
        answer = {"layers": _layers(task)} if allowed == {task["driver"]} else {"fault": f"drivers {sorted(allowed)} are on"}
    except Exception as error:  # noqa: BLE001  whatever GDAL says becomes the fault
        answer = {"fault": " ".join(str(error).replace(str(task["path"]), "the file").split())}
    print(json.dumps(answer))  # noqa: T201  the answer


def _layers(task: dict[str, Any]) -> list[dict[str, Any]]:
    listed = [(str(name), kind) for name, kind in pyogrio.list_layers(task["path"])]
    return [_layer(task, n, name, spatial=kind is not None) for n, (name, kind) in enumerate(listed)]


def _layer(task: dict[str, Any], n: int, name: str, *, spatial: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"name": name, "file": "", "geometry": "", "fid": "", "crs": None, "warnings": []}
    if not spatial or (task["wanted"] and name not in task["wanted"]):
        return {**about, "geometry": "wkb" if spatial else ""}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        meta, table = pyogrio.read_arrow(task["path"], layer=n, return_fids=True, encoding=task["encoding"])
        geometry = meta["geometry_name"] or "wkb_geometry"
        table = _straight(task["path"], n, table, geometry)
    file = f"{n}.arrow"
    with pa.OSFile(str(Path(task["out"]) / file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {
        **about,
        "file": file,
        "geometry": geometry,
        "fid": meta["fid_column"],
        "crs": meta["crs"],
        "warnings": sorted({" ".join(str(w.message).replace(task["path"], "the file").split()) for w in said}),
    }


def _straight(path: str, n: int, table: pa.Table, geometry: str) -> pa.Table:
    """Return the table with arcs drawn as straight pieces, where it has arcs: nobody behind us knows them."""
    column = table.column(geometry)
    codes = pc.unique(pc.binary_slice(column, 1, 5)).drop_null().to_pylist()
    if not any(_CURVES[0] <= int.from_bytes(code, "little") % 1000 <= _CURVES[1] for code in codes):
        return table
    warnings.warn("arcs are drawn as straight pieces", stacklevel=1)
    shapes = pyogrio.raw.read(path, layer=n)[2]
    return table.set_column(table.schema.get_field_index(geometry), geometry, pa.array(shapes, pa.binary()))


if __name__ == "__main__":
    main()
