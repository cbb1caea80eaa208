/** The legs of a route: computed lengths, published ones beside them. */

import { amount } from "./amounts.js";
import { COMPUTED, cite } from "./citation.js";
import { el } from "./dom.js";

/**
 * @typedef {import("./types.js").Context} Context
 * @typedef {import("./types.js").Leg} Leg
 */

/**
 * Return the legs of a route, or null where a feature has none.
 * @param {import("./types.js").Feature} feature
 * @param {Context} context
 */
export function legs({ properties: p }, context) {
  if (!p.legs?.length) return null;
  return el(
    "details",
    { class: "ca-legs" },
    el("summary", {}, `${p.legs.length} ${p.legs.length === 1 ? "leg" : "legs"}`, p.passages?.length ? through(p.passages) : null),
    el(
      "table",
      {},
      el("caption", {}, "Lengths in km: ", cite(COMPUTED, context), "; published ones as their source counts them"),
      el("thead", {}, el("tr", {}, head("Leg"), head("Computed"), head("Published"))),
      el("tbody", {}, ...p.legs.map((leg) => row(leg, context))),
    ),
  );
}

/** @param {string[]} passages */
function through(passages) {
  return el("span", { class: "ca-range" }, `through ${passages.map(spelt).join(", ")}`);
}

/** @param {string} text */
function head(text) {
  return el("th", { scope: "col" }, text);
}

/**
 * @param {Leg} leg
 * @param {Context} context
 */
function row(leg, context) {
  const kind = [leg.mode, leg.branch && `branch: ${leg.branch}`].filter(Boolean).join(", ");
  return el(
    "tr",
    {},
    el("td", {}, el("b", {}, `${leg.from} → ${leg.to}`), el("p", { class: "ca-quiet" }, `${kind} · `, ...cited(leg.sources, context), ...facts(leg))),
    el("td", {}, amount(leg.length_km, "")),
    el("td", {}, leg.length_published_km === undefined ? "–" : amount(leg.length_published_km, "")),
  );
}

/**
 * @param {string[]} sources
 * @param {Context} context
 */
function cited(sources, context) {
  return sources.flatMap((source, index) => [index > 0 && ", ", cite(source, context)]);
}

/** @param {Leg} leg */
function facts(leg) {
  const said = [
    leg.passages?.length && `through ${leg.passages.map(spelt).join(", ")}`,
    leg.closed?.length && `routed with these closed: ${leg.closed.map(spelt).join(", ")}`,
    leg.access_km?.length && `access ${leg.access_km.join(" + ")} km, computed`,
    leg.waypoints?.length && `by ${leg.waypoints.join(", ")}`,
    leg.note,
  ];
  return said.filter(Boolean).map((text) => el("span", { class: "ca-note" }, ` · ${text}`));
}

/**
 * Return an id of a passage as words.
 * @param {string} id
 */
export function spelt(id) {
  return id
    .split("-")
    .map((word) => (word === "el" ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("-")
    .replace(/-(?!el-|Mandeb|Don)/g, " ");
}
