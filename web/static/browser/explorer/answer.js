/** A question asked of every layer that is shown: the answer on the map. */

import { setState } from "../drawn.js";
import { boxBounds, circleLine, framed } from "../frame.js";
import { likeness, fold } from "../names.js";
import { get, query } from "./server.js";

/**
 * @typedef {import("../layer.js").Atlas} Atlas
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./state.js").Question} Question
 * @typedef {import("../listing.js").Part} Part
 */

/**
 * Return the answers of these layers.
 * @param {string} endpoint with {layer}
 * @param {Atlas[]} atlases
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Part[]>}
 */
export function ask(endpoint, atlases, question, signal) {
  return Promise.all(
    atlases.map(async (atlas) => {
      const address = itemsAddress(endpoint, atlas, question);
      return part(atlas, await get(address, signal));
    }),
  );
}

/**
 * Return the address of a layer's features that answer a question.
 * @param {string} endpoint
 * @param {Atlas} atlas
 * @param {Question} question
 * @param {string} [format]
 */
export function itemsAddress(endpoint, atlas, question, format) {
  const words = query({ ...question, f: format });
  return `${endpoint.replace("{layer}", encodeURIComponent(atlas.context.about.id))}${words && `?${words}`}`;
}

/**
 * @param {Atlas} atlas
 * @param {any} answer a FeatureCollection
 * @returns {Part}
 */
function part(atlas, answer) {
  const members = [];
  for (const { id, properties } of answer.features) {
    const handle = atlas.handles.get(`${atlas.context.about.id}/${id}`);
    if (handle) members.push({ handle, possible: properties.membership === "possible" });
  }
  members.sort((a, b) => a.handle.feature.properties.name.localeCompare(b.handle.feature.properties.name));
  return { atlas, matched: answer.numberMatched ?? members.length, members };
}

/**
 * Dim what an answer leaves out; without one, nothing.
 * @param {Atlas[]} atlases
 * @param {Part[] | null} parts
 */
export function dim(atlases, parts) {
  const inside = new Set((parts ?? []).flatMap((one) => one.members.map((member) => member.handle.key)));
  for (const { handles } of atlases) {
    for (const handle of handles.values()) setState(handle, "ca-dim", parts !== null && !inside.has(handle.key));
  }
}

/**
 * Return the outline of a question on the map, or null: a named region has none here.
 * @param {Question} question
 * @param {Atlas[]} atlases
 * @returns {L.Rectangle | L.Polygon | null}
 */
export function outline(question, atlases) {
  const look = { className: "ca-outline", interactive: false, weight: 1.5 };
  if (question.bbox) {
    const bounds = boxBounds(question.bbox);
    return bounds && L.rectangle(bounds, look);
  }
  const centre = question.near ? placed(question.near, atlases) : null;
  const radius = kilometres(question.radius ?? "");
  return centre && radius ? L.polygon(circleLine(centre, radius), look) : null;
}

/**
 * Return where a place is: `lon,lat`, a feature's address, or the name of one.
 * @param {string} text
 * @param {Atlas[]} atlases
 */
function placed(text, atlases) {
  const numbers = text.split(",").map(Number);
  if (numbers.length === 2 && !numbers.some(Number.isNaN)) return L.latLng(numbers[1], framed(numbers[0]));
  const points = atlases.flatMap(({ handles }) => [...handles.values()].filter(({ drawn }) => drawn instanceof L.Marker));
  // The server looks among ports first, as layers.catalog does.
  points.sort((a, b) => Number(b.key.startsWith("ports/")) - Number(a.key.startsWith("ports/")));
  const found = points.find(({ key }) => key === text) ?? points.find((handle) => isCalled(handle, text));
  return found ? /** @type {L.Marker} */ (found.drawn).getLatLng() : null;
}

/**
 * @param {Handle} handle
 * @param {string} text
 */
function isCalled({ feature }, text) {
  const { name, name_ru: russian, name_hi: hindi } = feature.properties;
  return feature.id === text || [name, russian, hindi].some((one) => one && likeness(fold(text), fold(one)) === 1);
}

/**
 * Return a length such as 300nm in kilometres, 0 where it is none.
 * @param {string} radius
 */
export function kilometres(radius) {
  const [, number, unit] = /^\s*([\d.]+(?:e[+-]?\d+)?)\s*(km|m|nm|nmi|mi)?\s*$/.exec(radius.toLowerCase()) ?? [];
  const factors = { km: 1, m: 0.001, nm: 1.852, nmi: 1.852, mi: 1.609344 };
  return Number(number) * factors[/** @type {keyof typeof factors} */ (unit ?? "km")] || 0;
}
