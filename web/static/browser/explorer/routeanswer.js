/** The answer of /routes in the panel. */

import { byId, el } from "../dom.js";
import { grouped } from "../ways.js";
import { moreFacts, wayTable } from "../waytable.js";
import { query } from "./server.js";

/**
 * @typedef {import("../ways.js").Collection} Collection
 * @typedef {import("./routewords.js").Route} Route
 */

/**
 * Show an answer; what was there before is replaced.
 * @param {Collection} answer
 * @param {{chosen: number, choose: (number: number) => void, title: string, address: string}} options `address` is that of the answer
 */
export function showAnswer(answer, { chosen, choose, title, address }) {
  byId("route-answer").hidden = false;
  byId("route-asked").textContent = title;
  byId("route-count").textContent = counted(answer);
  byId("route-said").textContent = `${title}: ${counted(answer)}`;
  byId("route-links").replaceChildren(...links(address));
  showWay(answer, { chosen, choose });
}

/**
 * Show another way of an answer as the chosen one.
 * @param {Collection} answer
 * @param {{chosen: number, choose: (number: number) => void}} options
 */
export function showWay(answer, { chosen, choose }) {
  const table = byId("route-table");
  const focused = table.contains(document.activeElement);
  table.replaceChildren(wayTable(answer, { chosen, choose }));
  if (focused) /** @type {HTMLElement | null} */ (table.querySelector(`[data-way="${chosen}"]`))?.focus({ preventScroll: true });
  byId("route-facts").replaceChildren(...moreFacts(answer, { chosen }));
  const several = answer.features.length > 1;
  byId("route-met-title").textContent = several ? `On way ${chosen}` : "On the way";
}

/** Take the answer away. */
export function hideAnswer() {
  byId("route-answer").hidden = true;
  for (const id of ["route-table", "route-facts", "route-links"]) byId(id).replaceChildren();
  byId("route-count").textContent = byId("route-said").textContent = "";
}

/**
 * Return what a route is called.
 * @param {Route} route
 * @param {Collection} answer
 * @param {(word: string) => string} nameOf
 */
export function titleOf(route, answer, nameOf) {
  const { from, to } = answer.features[0]?.properties ?? { from: nameOf(route.from), to: nameOf(route.to) };
  return `${from} to ${to}`;
}

/**
 * Return how long the shortest way is, or that there is none.
 * @param {Collection} answer
 */
export function inShort({ features }) {
  if (!features.length) return "no way by sea";
  const { length_nm: nm, days } = features[0].properties;
  return `${grouped(nm)}\u00a0nm, ${grouped(days, 1)} days`;
}

/** @param {Collection} answer */
function counted({ features }) {
  if (!features.length) return "No way by sea";
  const { length_nm: nm, length_km: km, days, speed_kn: speed, date } = features[0].properties;
  const ways = features.length === 1 ? "One way" : `${features.length} ways; the shortest`;
  return `${ways}: ${grouped(nm)}\u00a0nm (${grouped(km)}\u00a0km), ${grouped(days, 1)} days at ${speed}\u00a0kn${date ? ` on ${date}` : ""}`;
}

/** @param {string} address */
function links(address) {
  const as = (/** @type {string} */ f) => `${address}&${query({ f })}`;
  return [
    el("a", { href: as("geojson"), download: "route.geojson" }, "GeoJSON"),
    el("a", { href: as("json") }, "JSON"),
    el("a", { href: as("html") }, "As a page"),
  ];
}
