"""GDAL and OWSLib against a real server: every collection is read, whole and by a box."""

import json
import urllib.request

import owslib.ogcapi.features as owslib
import pytest

BOX = (60.0, 0.0, 140.0, 60.0)


def ask(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.filterwarnings("ignore:.*")  # pyogrio's own, of lists and of fields without a type
def test_gdal_reads_every_collection_whole_and_by_a_box(served):
    import pyogrio

    source = f"OAPIF:{served}"
    names = {name for name, _ in pyogrio.list_layers(source)}
    assert names == {one["id"] for one in ask(f"{served}/collections")["collections"]}
    assert {"ports", "visits", "areas"} <= names
    for name in names:
        for words, how in (("", {}), (f"&bbox={','.join(map(str, BOX))}", {"bbox": BOX})):
            expected = ask(f"{served}/collections/{name}/items?limit=1{words}")["numberMatched"]
            frame = pyogrio.read_dataframe(source, layer=name, **how)
            assert len(frame) == expected, (name, how)
            assert frame.crs == "OGC:CRS84"


def test_gdal_takes_the_types_of_fields_from_the_schema(served):
    import pyogrio

    info = pyogrio.read_info(f"OAPIF:{served}", layer="ports")
    types = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert types["berth_length_m"] == types["throughput_t_y"] == "float64"
    info = pyogrio.read_info(f"OAPIF:{served}", layer="visits")
    types = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert types["day"].startswith("datetime64")


def test_owslib_reads_every_collection(served):
    service = owslib.Features(served)
    assert "/collections/ports/items" in service.api()["paths"]
    assert service.conformance()["conformsTo"]
    for name in service.feature_collections():
        assert service.collection(name)["id"] == name
        assert service.collection_queryables(name)["properties"]
        page = service.collection_items(name, limit=1)
        assert page["numberReturned"] == 1
        first = page["features"][0]
        assert service.collection_item(name, first["id"])["geometry"] == first["geometry"]
    assert service.collection_items("ports", filter="country = 'IN'")["numberMatched"] > 3
