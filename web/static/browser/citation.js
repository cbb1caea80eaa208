/** Citations: short beside a value, whole in a list. */

import { el, outward } from "./dom.js";

/**
 * @typedef {import("./types.js").Context} Context
 * @typedef {import("./types.js").Source} Source
 */

export const COMPUTED = "computed";

/** How a name was made that no source prints, as the data marks it. @type {Record<string, string>} */
export const MADE = {
  transliterated: "Made by rule: no source prints this name",
  "named by its ends": "Made of the names of its two ends: no source prints a name of this route",
};

/**
 * Return who says so: publisher and date, linked; or that the release computed it.
 * @param {string} id
 * @param {Pick<Context, "sources" | "release">} context
 * @returns {HTMLElement}
 */
export function cite(id, { sources, release }) {
  const source = sources[id];
  if (Object.hasOwn(MADE, id)) return el("cite", { title: MADE[id] }, id);
  if (id === COMPUTED) return el("cite", { title: source?.title }, `computed, release ${release}`);
  if (!source) return el("cite", {}, `source ${id}`);
  return el("cite", {}, outward(`${source.publisher}, ${source.published || "no date"}`, source.url, { title: source.title }));
}

/**
 * Return the whole citations of these sources, in the order of their publishers.
 * @param {Iterable<string>} ids
 * @param {Pick<Context, "sources" | "release">} context
 * @returns {HTMLLIElement[]}
 */
export function bibliography(ids, { sources, release }) {
  const found = [...new Set(ids)].flatMap((id) => sources[id] ?? []);
  found.sort((a, b) => a.publisher.localeCompare(b.publisher) || a.title.localeCompare(b.title));
  return found.map((source) => entry(source, release));
}

/**
 * @param {Source} source
 * @param {string} release
 */
function entry(source, release) {
  const date = source.id === COMPUTED ? `release ${release}` : source.published || "no date";
  const rest = [source.accessed && `read ${source.accessed}`, source.licence, source.note].filter(Boolean).join(" · ");
  return el("li", {}, `${source.publisher}. `, outward(source.title, source.url), `. ${date}.`, rest && el("small", {}, ` ${rest}`));
}
