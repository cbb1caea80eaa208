/** Ways by sea on a map that stands alone: drawn, and compared in a control that lists them. */

import { control, oneOpen } from "./control.js";
import { el, icon } from "./dom.js";
import { notice } from "./dress.js";
import { disclosure } from "./switches.js";
import { unpack } from "./unpack.js";
import { ways } from "./ways.js";
import { wayFacts, wayTable } from "./waytable.js";

/**
 * @typedef {import("./ways.js").Collection & {title: string}} Kept an answer of /routes as a map keeps it
 * @typedef {L.Control & {ready: Promise<Kept>}} Voyages
 * @typedef {{position?: L.ControlPosition, bounds?: L.LatLngBoundsLiteral | null}} Options `bounds` are shown at first
 */

const ROOM = 820; // pixels of map from which ways and table stand side by side; below, the table starts closed
const EDGE = 40; // pixels round what is fitted
const CLOSEST = 8; // zoom

/**
 * Return the ways of an answer as a control of the map; what it holds is there once it is `ready`.
 * @param {string} packed
 * @param {Options} [options]
 * @returns {Voyages}
 */
export function voyages(packed, { position = "topright", bounds = null } = {}) {
  const ready = /** @type {Promise<Kept>} */ (unpack(packed));
  const box = el("section", { class: "ca-panel ca-voyages", "aria-label": "Ways by sea" });
  const body = el("div", { class: "ca-voyages-body" });
  const made = control(position, box, (map) => {
    box.append(disclosure("Route", body, map.getSize().x >= ROOM, icon("M3 15.500c4.500 0 3-11 7-11s2.500 11 7 11")), body);
    oneOpen(box);
    ready.then(
      (collection) => show(map, collection, body),
      (error) => notice(map, `The ways by sea could not be opened: ${error.message}`),
    );
  });
  // What the control covers is known once it is in the page.
  made.addTo = (map) => {
    L.Control.prototype.addTo.call(made, map);
    if (bounds) fit(map, bounds, box);
    return made;
  };
  return Object.assign(made, { ready });
}

/**
 * @param {L.Map} map
 * @param {Kept} collection
 * @param {HTMLElement} body
 */
function show(map, collection, body) {
  const drawn = ways(collection, { choose: (number) => choose(number) }).addTo(map);
  const choose = (/** @type {number} */ number) => {
    const held = body.contains(document.activeElement);
    drawn.choose(number);
    body.replaceChildren(el("h2", {}, collection.title), ...contents(collection, number, choose));
    if (held) /** @type {HTMLElement | null} */ (body.querySelector(`[data-way="${number}"]`))?.focus();
  };
  choose(1);
}

/**
 * @param {Kept} collection
 * @param {number} chosen
 * @param {(number: number) => void} choose
 */
function contents(collection, chosen, choose) {
  const several = collection.features.length > 1;
  return [wayTable(collection, several ? { choose, chosen } : {}), ...wayFacts(collection, { chosen })];
}

/**
 * Show what lies within bounds beside the control, where there is room for both.
 * @param {L.Map} map
 * @param {L.LatLngBoundsLiteral} bounds
 * @param {HTMLElement} box
 */
function fit(map, bounds, box) {
  const beside = map.getSize().x >= ROOM ? box.offsetWidth : 0;
  map.fitBounds(bounds, { paddingTopLeft: [EDGE, EDGE], paddingBottomRight: [EDGE + beside, EDGE], maxZoom: CLOSEST, animate: false });
}
