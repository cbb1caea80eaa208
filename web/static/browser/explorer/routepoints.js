/** The map's part of a route: chokepoints are switches, ports are ends. */

import { button, el } from "../dom.js";
import { setState } from "../drawn.js";

/**
 * @typedef {import("./explorer.js").Session} Session
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./routewords.js").Closures} Closures
 * @typedef {import("./routewords.js").Passage} Passage
 * @typedef {"from" | "to"} Which
 */

const PORTS = "ports/";

/** The points of the map that take part in a route. */
export class RoutePoints {
  /**
   * @param {Session} session
   * @param {{closures: Closures, toggle: (id: string) => void, end: (which: Which, handle: Handle) => void}} options
   */
  constructor({ find, passages, root, map }, { closures, toggle, end }) {
    this.closures = closures;
    this.isShut = (/** @type {string} */ _id) => false;
    this.said = "";
    this.toggle = toggle;
    this.end = end;
    this.boxes = [root, map.getContainer()];
    /** @type {Map<string, {handle: Handle, passage: Passage}>} */
    this.points = new Map();
    for (const passage of passages) {
      const handle = passage.feature ? find(passage.feature) : undefined;
      if (handle) this.points.set(handle.key, { handle, passage });
    }
    for (const { handle, passage } of this.points.values()) handle.drawn.on("add", () => this.nameMark(handle, passage));
  }

  /**
   * Return what can be done with a feature in a route, or null.
   * @param {Handle} handle
   */
  actions(handle) {
    const point = this.points.get(handle.key);
    if (point) return el("div", { class: "ca-actions" }, this.switch(point.passage), el("small", { "data-said": "" }, this.said));
    if (!handle.key.startsWith(PORTS)) return null;
    const ends = /** @type {const} */ ([["from", "Route from here"], ["to", "Route to here"]]);
    return el("div", { class: "ca-actions" }, ...ends.map(([which, title]) => button("ca-button", [title], () => this.end(which, handle))));
  }

  /** @param {Passage} passage */
  switch({ id }) {
    const made = button("ca-button ca-shutter", [], () => this.toggle(id), { "data-closes": id });
    this.tell(made);
    return made;
  }

  /** @param {HTMLElement} made */
  tell(made) {
    const shut = this.closures.isClosed(made.dataset.closes ?? "");
    made.textContent = shut ? "Open to ships" : "Close to ships";
    made.title = shut ? "Closed in the routes that are asked for" : "Ask for routes that do not pass here";
    made.classList.toggle("ca-shut", shut);
  }

  /**
   * Show on the map and in every card which chokepoints are closed.
   * @param {(id: string) => boolean} isShut on the map
   * @param {string} said what the answer is in a few words: whoever switches on the map reads it there
   */
  show(isShut, said) {
    this.isShut = isShut;
    this.said = said;
    for (const { handle, passage } of this.points.values()) {
      setState(handle, "ca-shut", isShut(passage.id));
      this.nameMark(handle, passage);
      // A card that is not shown is made anew when it is opened.
      if (!handle.node?.isConnected) handle.node = undefined;
    }
    for (const box of this.boxes) {
      for (const made of box.querySelectorAll("[data-closes]")) this.tell(/** @type {HTMLElement} */ (made));
      for (const line of box.querySelectorAll("[data-said]")) line.textContent = said;
    }
  }

  /**
   * @param {Handle} handle
   * @param {Passage} passage
   */
  nameMark({ drawn, feature }, { id }) {
    const { name } = feature.properties;
    const box = drawn instanceof L.Marker ? drawn.getElement() : undefined;
    box?.setAttribute("aria-label", this.isShut(id) ? `${name}, closed` : name);
  }
}
