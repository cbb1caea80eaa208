/** The form of the tab Route: two ends, the ship and its season, waters to avoid, the number of ways. */

import { combobox } from "../combobox.js";
import { button, byId, el, icon } from "../dom.js";
import { Ends } from "./routeends.js";
import { regions } from "./server.js";
import { suggestRegions } from "./region.js";

/**
 * @typedef {import("./explorer.js").Session} Session
 * @typedef {import("./routewords.js").Route} Route
 * @typedef {import("./server.js").Region} Region
 * @typedef {HTMLInputElement | HTMLSelectElement} Field
 */

const FIELDS = { date: "route-date", ice_class: "route-ice", draught: "route-draught", speed: "route-speed", alternatives: "route-ways" };
const WAIT = 500; // milliseconds: a year that is typed is a date after each of its digits
const WAYS = "3"; // compared where nothing else is asked for

/** Everything of a route but its closures. */
export class RouteForm {
  /**
   * @param {Session} session
   * @param {{changed: () => void, submitted: () => void}} told
   */
  constructor(session, { changed, submitted }) {
    this.session = session;
    this.changed = changed;
    this.ends = new Ends(session, submitted);
    this.avoided = new Avoided(session, { changed, shown: () => this.told() });
    this.fields = /** @type {Record<keyof typeof FIELDS, Field>} */ (
      Object.fromEntries(Object.entries(FIELDS).map(([word, id]) => [word, byId(id)]))
    );
    this.timer = 0;
    this.listen(submitted);
    this.fields.alternatives.value = WAYS;
    this.told();
  }

  /** @param {() => void} submitted */
  listen(submitted) {
    this.fields.ice_class.append(...this.session.iceClasses.map((name) => el("option", { value: name }, name)));
    byId("route-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ends.next(submitted);
    });
    for (const field of Object.values(this.fields)) {
      field.addEventListener("change", () => {
        window.clearTimeout(this.timer);
        this.told();
        this.timer = window.setTimeout(() => this.changed(), field.type === "date" ? WAIT : 0);
      });
    }
  }

  /** @returns {Omit<Route, "close" | "open">} */
  read() {
    window.clearTimeout(this.timer);
    const terms = Object.entries(this.fields).map(([word, field]) => [word, field.value.trim() || null]);
    const { alternatives, ...rest } = Object.fromEntries(terms);
    const { from, to } = this.ends;
    return { from: from.word, to: to.word, avoid: this.avoided.ids, ...rest, alternatives: alternatives === "1" ? null : alternatives };
  }

  /** @param {Route} route */
  fill(route) {
    if (this.ends.from.word !== route.from) this.ends.from.set(route.from);
    if (this.ends.to.word !== route.to) this.ends.to.set(route.to);
    for (const [word, field] of Object.entries(this.fields)) {
      const value = route[/** @type {keyof typeof FIELDS} */ (word)] ?? (word === "alternatives" ? "1" : "");
      // A spelling that the list has not, which the server reads all the same.
      if (field instanceof HTMLSelectElement && ![...field.options].some((one) => one.value === value)) field.append(el("option", { value }, value));
      field.value = value;
    }
    this.avoided.fill(route.avoid);
    this.told();
  }

  /** Empty every field. */
  clear() {
    this.ends.from.set("");
    this.ends.to.set("");
    for (const field of Object.values(this.fields)) field.value = "";
    this.fields.alternatives.value = WAYS;
    this.avoided.fill([]);
    this.blame([]);
    this.told();
  }

  /**
   * Show which fields were refused.
   * @param {string[]} faults
   */
  blame(faults) {
    this.ends.blame(faults);
    for (const [word, field] of Object.entries(this.fields)) {
      const refused = field.value !== "" && faults.some((fault) => fault.startsWith(`${word} `) || fault.startsWith(word.replace("_", " ")));
      field.toggleAttribute("aria-invalid", refused);
    }
    if (faults.length && this.terms.querySelector("[aria-invalid]")) this.terms.open = true;
  }

  /** What folds the ship, the season and the waters away. */
  get terms() {
    return /** @type {HTMLDetailsElement} */ (byId("route-terms"));
  }

  /** Say in the folded part's title what it holds. */
  told() {
    const { date, ice_class: ice, draught, speed } = this.fields;
    const said = [date.value, ice.value, draught.value && `${Number(draught.value)} m`, speed.value && `${Number(speed.value)} kn`, ...this.avoided.names];
    byId("route-terms-said").textContent = said.filter(Boolean).join(" · ");
  }
}

/** The regions whose waters are avoided, each with a button that lets it go. */
class Avoided {
  /**
   * @param {Session} session
   * @param {{changed: () => void, shown: () => void}} told
   */
  constructor({ endpoints }, { changed, shown }) {
    this.endpoint = endpoints.regions;
    this.changed = changed;
    this.shown = shown;
    /** @type {Map<string, string>} names by id */
    this.chosen = new Map();
    const box = combobox({
      input: /** @type {HTMLInputElement} */ (byId("route-avoid")),
      name: "Regions",
      none: "No region has such a name.",
      find: (text, signal) => suggestRegions(this.endpoint, text, signal),
      choose: (/** @type {Region} */ region) => {
        box.reset("");
        this.set([...this.chosen, [region.id, region.name]]);
      },
    });
  }

  get ids() {
    return [...this.chosen.keys()];
  }

  get names() {
    return [...this.chosen.values()].map((name) => `not ${name}`);
  }

  /** @param {[string, string][]} chosen */
  set(chosen) {
    this.chosen = new Map(chosen);
    this.show();
    this.changed();
  }

  /**
   * Take the regions of a route; the server knows what they are called.
   * @param {string[]} ids
   */
  fill(ids) {
    this.chosen = new Map(ids.map((id) => [id, this.chosen.get(id) ?? id]));
    this.show();
    for (const id of ids) if (this.chosen.get(id) === id) this.name(id);
  }

  /** @param {string} id */
  async name(id) {
    const found = await regions(this.endpoint, id).catch(() => []);
    const region = found.find((one) => one.id.toLowerCase() === id.toLowerCase());
    if (!region || !this.chosen.has(id)) return;
    this.chosen.set(id, region.name);
    this.show();
  }

  show() {
    const rows = [...this.chosen].map(([id, name]) =>
      el("li", {}, button("ca-chip", [name, icon("m6 6 8 8", "m14 6-8 8")], () => this.drop(id), { "aria-label": `Do not avoid ${name}` })),
    );
    byId("route-avoided").replaceChildren(...rows);
    byId("route-avoided").hidden = !rows.length;
    this.shown();
  }

  /** @param {string} id */
  drop(id) {
    this.set([...this.chosen].filter(([one]) => one !== id));
    byId("route-avoid").focus();
  }
}
