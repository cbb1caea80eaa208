/** Features as flat rows, in the columns of web/flat.py: a value of the atlas beside its citation, imported columns as they are. */

import { casefold } from "./casefold.js";
import { wkt } from "./wkt.js";

/**
 * @typedef {import("./types.js").Payload} Payload
 * @typedef {import("./types.js").Properties} Properties
 * @typedef {import("./types.js").Source} Source
 * @typedef {import("./types.js").StoredFeature} StoredFeature
 * @typedef {Record<string, unknown>} Row
 * @typedef {{columns: string[], rows: Row[]}} Table the columns are the same for an answer without features
 * @typedef {(source: unknown) => string} Cite
 */

const NAMES = ["name", "name_ru", "name_ru_source", "name_hi", "name_hi_source"];
const PLACE = ["lon", "lat", "accuracy_km", "position_source", "position_note"];
const LEGS = ["legs", "passages"];
const DIGITS = 6; // of a length, as Python's format "g" has them

/**
 * Return features of a layer as a table.
 * @param {Payload} layer
 * @param {StoredFeature[]} features
 * @param {boolean} placed whether the question asked for a part of the Earth, so that there is a column `membership`
 * @returns {Table}
 */
export function flat(layer, features, placed) {
  return layer.about.imported ? imported(layer, features, placed) : atlas(layer, features, placed);
}

/**
 * @param {Payload} layer
 * @param {StoredFeature[]} features
 * @param {boolean} placed
 * @returns {Table}
 */
function atlas({ about, release, sources }, features, placed) {
  const point = about.geometry === "point";
  const values = about.fields.flatMap(({ id }) => [id, `${id}_source`]);
  const head = ["layer", "id", ...NAMES, "country", "admin1", "disputed", ...(point ? PLACE : [])];
  const columns = [...head, ...values, ...(point ? [] : LEGS), "claims", ...(placed ? ["membership"] : []), "release"];
  const cite = (/** @type {unknown} */ source) => citation(String(source ?? ""), sources, release);
  const valuesOf = (/** @type {Properties} */ p) => Object.assign({}, ...about.fields.map(({ id }) => valueOf(p, id, cite)));
  const rows = features.map((feature) => ({ ...rowOf(feature, cite), ...valuesOf(feature.properties), layer: about.id, release }));
  return { columns, rows };
}

/**
 * @param {StoredFeature} feature
 * @param {Cite} cite
 * @returns {Row}
 */
function rowOf({ id, geometry, properties: p }, cite) {
  const [lon, lat] = geometry.type === "Point" ? geometry.coordinates : [];
  return {
    ...p,
    id,
    name_ru_source: cite(p.name_ru_source),
    name_hi_source: cite(p.name_hi_source),
    disputed: p.disputed?.join(" "),
    ...(lon === undefined ? {} : { lon, lat, position_source: cite(p.position_source) }),
    legs: p.legs?.map((leg) => legText(leg, cite)).join(" | "),
    passages: p.passages?.join(" "),
    claims: p.claims.map((claim) => claimText(claim, cite)).join(" | "),
  };
}

/**
 * @param {Properties} p
 * @param {string} field
 * @param {Cite} cite
 * @returns {Row}
 */
function valueOf(p, field, cite) {
  const shown = p.claims.find((claim) => claim.field === field && claim.shown);
  return { [field]: p[field], [`${field}_source`]: cite(shown?.source) };
}

/**
 * @param {import("./types.js").Claim} claim
 * @param {Cite} cite
 */
function claimText({ field, value, unit, category, as_of, note, source }, cite) {
  const about = [category, as_of, note].filter(Boolean).join(", ");
  return `${field}: ${value} ${unit} (${about}) [${cite(source)}]`.replaceAll(" ()", "");
}

/**
 * @param {import("./types.js").Leg} leg
 * @param {Cite} cite
 */
function legText({ mode, from, to, length_km, length_published_km, sources }, cite) {
  const published = length_published_km === undefined ? "" : `, published ${rounded(length_published_km)} km`;
  return `${mode}: ${from} – ${to}, ${rounded(length_km)} km computed${published} [${sources.map(cite).join("; ")}]`;
}

/** @param {number} length */
function rounded(length) {
  return Number(length.toPrecision(DIGITS));
}

/**
 * Return one source as a line of text.
 * @param {string} id
 * @param {Record<string, Source>} sources
 * @param {string} release
 */
function citation(id, sources, release) {
  const source = sources[id];
  if (!source) return id;
  if (id === "computed") return `${source.publisher}, release ${release}. ${source.title}.`;
  const read = source.accessed ? ` (read ${source.accessed})` : "";
  return `${source.publisher}. ${source.title}. ${source.published || "no date"}. ${source.url ?? ""}${read}`;
}

/**
 * Return an imported layer's own columns between ours; one of ours whose name the file uses itself is called `atlas_…`.
 * @param {Payload} layer
 * @param {StoredFeature[]} features
 * @param {boolean} placed
 * @returns {Table}
 */
function imported({ about, release }, features, placed) {
  const own = about.properties;
  const taken = new Set(own.map(casefold));
  const named = (/** @type {string} */ name) => (taken.has(name) ? `atlas_${name}` : name);
  const same = own.includes("id") && features.every(({ id, properties }) => String(properties.id) === id);
  const before = ["layer", ...(same ? [] : ["id"])];
  const after = [...(placed ? ["membership"] : []), "release", "source"];
  const place = placeColumns(about, features, taken);
  const columns = [...before.map(named), ...place, ...own, ...after.map(named)];
  const rows = features.map(({ id, geometry, properties: p }) => {
    /** @type {Row} */
    const ours = { layer: about.id, id, membership: p.membership, release, source: origin(about) };
    const said = [...before, ...after].map((name) => [named(name), ours[name]]);
    return Object.fromEntries([...said, ...whereOf(geometry, place), ...own.map((name) => [name, jsonText(p[name])])]);
  });
  return { columns, rows };
}

/**
 * Return our columns of places: none where the file's own lon and lat say the same.
 * @param {import("./types.js").About} about
 * @param {StoredFeature[]} features
 * @param {Set<string>} taken
 */
function placeColumns({ geometry, properties: own }, features, taken) {
  if (geometry === "point") {
    if (!taken.has("lon") && !taken.has("lat")) return ["lon", "lat"];
    if (own.includes("lon") && own.includes("lat") && features.every(saysItsPlace)) return [];
  }
  return [taken.has("wkt") ? "geometry_wkt" : "wkt"];
}

/** @param {StoredFeature} feature */
function saysItsPlace({ geometry, properties: p }) {
  return geometry.type === "Point" && p.lon === geometry.coordinates[0] && p.lat === geometry.coordinates[1];
}

/**
 * @param {GeoJSON.Geometry} geometry
 * @param {string[]} place
 * @returns {[string, unknown][]}
 */
function whereOf(geometry, place) {
  if (place.length < 2) return place.map((column) => [column, wkt(geometry)]);
  const coordinates = geometry.type === "Point" ? geometry.coordinates : [];
  return place.map((column, i) => [column, coordinates[i]]);
}

/** @param {import("./types.js").About} about */
function origin({ imported: told }) {
  return told && `Imported from ${told.file} (layer ${told.source_layer}) on ${told.date}`;
}

/**
 * Return a value as one cell: a list as JSON text, a truth value as JSON writes it.
 * @param {unknown} value
 */
function jsonText(value) {
  return Array.isArray(value) || typeof value === "boolean" ? JSON.stringify(value) : value;
}
