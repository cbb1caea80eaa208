/** An answer as a file, made in the page: GeoJSON with the citations it names, and a table with one beside each value. */

import { MADE } from "./citation.js";

/**
 * @typedef {import("./types.js").Source} Source
 * @typedef {import("./types.js").StoredFeature} StoredFeature
 * @typedef {{data: import("./types.js").Payload, answer: import("./ask.js").Answer}} Found the answer of one layer
 */

/** What a spreadsheet would calculate. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Return answers as GeoJSON, features as the release holds them.
 * @param {Found[]} found
 * @param {Record<string, unknown>} asked members that say what was asked
 */
export function geojson(found, asked) {
  const features = found.flatMap((one) => chosen(one));
  const named = features.flatMap(({ properties }) => citedBy(properties));
  const all = Object.assign({}, ...found.map(({ data }) => data.sources));
  const sources = Object.fromEntries([...new Set(named)].sort().flatMap((id) => (all[id] ? [[id, all[id]]] : [])));
  const members = { numberMatched: features.length, release: found[0]?.data.release, ...asked, sources };
  return JSON.stringify({ type: "FeatureCollection", features, ...members });
}

/**
 * Return answers as a table in CSV; every value of the ledger is followed by its citation.
 * @param {Found[]} found
 */
export function csv(found) {
  const rows = found.flatMap(({ data, answer }) => chosen({ data, answer }).map((feature) => row(feature, data)));
  const columns = [...new Set(rows.flatMap((one) => Object.keys(one)))];
  const lines = [columns, ...rows.map((one) => columns.map((column) => one[column]))];
  // Excel takes a file for UTF-8 only where it begins so.
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

/**
 * Give the reader a file.
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
export function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * @param {Found} found
 * @returns {StoredFeature[]}
 */
function chosen({ data, answer: { ids, membership } }) {
  const held = new Map(data.features.map((feature) => [feature.id, feature]));
  return ids.flatMap((id, i) => {
    const feature = held.get(id);
    if (!feature) return [];
    return [membership.length ? { ...feature, properties: { ...feature.properties, membership: membership[i] } } : feature];
  });
}

/**
 * @param {StoredFeature} feature
 * @param {import("./types.js").Payload} data
 * @returns {Record<string, unknown>}
 */
function row({ id, geometry, properties: p }, { about, release, sources }) {
  const cite = (/** @type {unknown} */ source) => citation(String(source ?? ""), sources, release);
  const [lon, lat] = geometry.type === "Point" ? geometry.coordinates : [];
  const place = lon === undefined ? {} : { lon, lat, accuracy_km: p.accuracy_km, position_source: cite(p.position_source) };
  const shown = about.fields.map((field) => {
    const claim = p.claims.find((one) => one.field === field.id && one.shown);
    return { [field.id]: p[field.id], [`${field.id}_source`]: cite(claim?.source) };
  });
  const names = { name: p.name, name_ru: p.name_ru, name_hi: p.name_hi, country: p.country, admin1: p.admin1 };
  return Object.assign({ layer: about.id, id, ...names, ...place }, ...shown, p.membership ? { membership: p.membership } : {}, { release });
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

/** @param {import("./types.js").Properties} p */
function citedBy(p) {
  const own = [p.position_source, p.name_ru_source, p.name_hi_source];
  const all = [...p.claims.map((claim) => claim.source), ...(p.legs ?? []).flatMap((leg) => leg.sources), ...own, p.legs && "computed"];
  return all.filter((id) => typeof id === "string" && !Object.hasOwn(MADE, id)).map(String);
}

/** @param {unknown} value */
function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
