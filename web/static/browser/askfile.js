/** An answer as a file, made in the page: GeoJSON with the citations it names, and a table with one beside each value. */

import { MADE } from "./citation.js";
import { flat } from "./flat.js";

/**
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
  const ours = found.filter(({ data }) => !data.about.imported).flatMap((one) => chosen(one));
  const named = ours.flatMap(({ properties }) => citedBy(properties));
  const all = Object.assign({}, ...found.map(({ data }) => data.sources));
  const sources = Object.fromEntries([...new Set(named)].sort().flatMap((id) => (all[id] ? [[id, all[id]]] : [])));
  const members = { numberMatched: features.length, release: found[0]?.data.release, ...asked, sources };
  return JSON.stringify({ type: "FeatureCollection", features, ...members });
}

/**
 * Return answers as a table in CSV, the same that the server writes; every value of the ledger is followed by its citation.
 * @param {Found[]} found
 */
export function csv(found) {
  const placed = found.some(({ answer }) => answer.membership.length > 0);
  const tables = found.map((one) => flat(one.data, chosen(one), placed));
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const lines = [columns, ...tables.flatMap(({ rows }) => rows.map((row) => columns.map((column) => row[column])))];
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
    const { type, geometry, properties: own } = feature;
    return [{ type, id, geometry, properties: membership.length ? { ...own, membership: membership[i] } : own }];
  });
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
