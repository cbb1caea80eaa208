/** From a name, a feature's id or `longitude,latitude` to one place, as layers.catalog does: ports are searched first. */

import { casefold } from "./casefold.js";
import { fullKey } from "./regionkeys.js";

/** @typedef {import("./layer.js").Atlas} Atlas */

/**
 * Return where a place is, as it is stored.
 * @param {string} text
 * @param {Atlas[]} atlases
 * @returns {[number, number]} longitude, latitude
 * @throws {RangeError} if the text means no place of the map or several, in words for the reader
 */
export function findPlace(text, atlases) {
  const numbers = text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
  if (numbers.length === 2 && numbers.every(Number.isFinite)) return position(text, numbers);
  const found = addressed(text, atlases) ?? named(text, atlases);
  if (!found.length) throw new RangeError(`No place in this map is called “${text}”. Give a port, another feature or longitude,latitude.`);
  if (new Set(found.map(String)).size > 1) throw new RangeError(`“${text}” means more than one place. Give layer/id or longitude,latitude.`);
  return found[0];
}

/**
 * @param {string} text
 * @param {number[]} numbers
 * @returns {[number, number]}
 */
function position(text, [lon, lat]) {
  if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90) return [lon, lat];
  const swapped = Math.abs(lat) <= 180 && Math.abs(lon) <= 90 ? ` Did you mean ${lat},${lon}?` : "";
  throw new RangeError(`“${text}” is not a place: write longitude,latitude in degrees.${swapped}`);
}

/**
 * Return the position of the feature that `layer/id` means: none where it is no point, null where there is no such feature.
 * @param {string} text
 * @param {Atlas[]} atlases
 * @returns {[number, number][] | null}
 */
function addressed(text, atlases) {
  const all = atlases.flatMap(({ group, context }) => (group.data?.features ?? []).map((feature) => ({ feature, layer: context.about.id })));
  const found = all.find(({ feature, layer }) => `${layer}/${feature.id}` === text.trim());
  return found ? positions([found.feature]) : null;
}

/**
 * Return the positions that a name or an id means, in the first layer that knows it. What users brought has names of its own
 * kind: those are places by `layer/id` only, as on the server.
 * @param {string} text
 * @param {Atlas[]} atlases
 */
function named(text, atlases) {
  const ours = atlases.filter(({ context: { about } }) => about.geometry === "point" && !about.imported);
  ours.sort((a, b) => Number(b.context.about.id === "ports") - Number(a.context.about.id === "ports"));
  return ours.map((atlas) => called(text, atlas)).find((places) => places.length > 0) ?? [];
}

/**
 * Return the positions of a layer's features of this name or id.
 * @param {string} text
 * @param {Atlas} atlas
 */
function called(text, { group }) {
  const [wanted, plain] = [fullKey(text), casefold(text.trim())];
  const found = (group.data?.features ?? []).filter(({ id, properties: p }) => {
    const names = [p.name, p.name_ru, p.name_hi].filter((name) => typeof name === "string");
    return plain === id || (wanted !== "" && names.some((name) => fullKey(name) === wanted));
  });
  return positions(found);
}

/**
 * @param {import("./types.js").StoredFeature[]} features
 * @returns {[number, number][]}
 */
function positions(features) {
  return features.flatMap(({ geometry }) => (geometry.type === "Point" ? [[geometry.coordinates[0], geometry.coordinates[1]]] : []));
}
