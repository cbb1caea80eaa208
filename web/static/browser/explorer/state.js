/** What is seen, in the words of the address: read once, written after every change. */

import { ROUTE_WORDS, readRoute, routeWords } from "./routewords.js";

/**
 * @typedef {{region?: string | null, bbox?: string | null, near?: string | null, radius?: string | null}} Question
 * @typedef {Question & {
 *   layers: string[] | null, select: string | null, route: import("./routewords.js").Route | null,
 *   at: [number, number, number] | null, theme: string
 * }} State `layers` null means all; `at` is longitude in [-180, 180], latitude, zoom
 */

export const ASKED = /** @type {const} */ (["region", "bbox", "near", "radius"]);
const STEPS = /** @type {const} */ (["layers", ...ASKED, "select", "route"]);
const NO_LAYERS = "none"; // as web.view has it
const OURS = ["layers", ...ASKED, "select", ...ROUTE_WORDS, "at", "theme"];

/** The state, and whoever wants to hear of its changes. */
export class Address {
  /** @param {Partial<State> | undefined} given by the server; what it leaves out is read from the address */
  constructor(given) {
    const route = readRoute(given?.route);
    this.state = { ...read(), ...present(given ?? {}), ...present({ route }) };
    /** @type {(() => void)[]} */
    this.listeners = [];
    /** Whether a change is a step of its own in the browser's history: not while the page is opening. */
    this.steps = false;
  }

  /**
   * Change the state and the address. What was asked, chosen or switched is a step that Back undoes; moving the map is not.
   * @param {Partial<State>} changes
   */
  set(changes) {
    const step = this.steps && STEPS.some((word) => word in changes && spelt(changes[word]) !== spelt(this.state[word]));
    Object.assign(this.state, changes);
    const words = this.words();
    const address = `${location.pathname}${words && `?${words}`}${location.hash}`;
    if (step) history.pushState(null, "", address);
    else history.replaceState(history.state, "", address);
    for (const listener of this.listeners) listener();
  }

  /** Return the question that is asked of every layer, or null. */
  question() {
    const { region, bbox, near, radius } = this.state;
    return region || bbox || near ? { region, bbox, near, radius } : null;
  }

  /**
   * Return the state as a query string; words that are not ours stay as they are.
   * @param {Record<string, string>} [first] words to begin with
   */
  words(first = {}) {
    const { state } = this;
    const words = new URLSearchParams(first);
    for (const [word, value] of new URLSearchParams(location.search)) if (!OURS.includes(word)) words.append(word, value);
    if (state.layers) words.set("layers", state.layers.join(",") || NO_LAYERS);
    for (const word of [...ASKED, /** @type {const} */ ("select")]) if (state[word]) words.set(word, String(state[word]));
    for (const [word, value] of Object.entries(state.route ? routeWords(state.route) : {})) if (value) words.set(word, value);
    if (state.at) words.set("at", state.at.join(","));
    if (state.theme !== "auto") words.set("theme", state.theme);
    // Commas and slashes may stand in a query (RFC 3986, section 3.4), and an address should be legible.
    return words.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
  }
}

/** @returns {State} */
function read() {
  const words = new URLSearchParams(location.search);
  const at = (words.get("at") ?? "").split(",").map(Number);
  return {
    layers: words.get("layers")?.split(",").filter((id) => id !== NO_LAYERS) ?? null,
    region: words.get("region"),
    bbox: words.get("bbox"),
    near: words.get("near"),
    radius: words.get("radius"),
    select: words.get("select"),
    route: readRoute(Object.fromEntries(words)),
    at: at.length === 3 && !at.some(Number.isNaN) ? [at[0], at[1], at[2]] : null,
    theme: words.get("theme") ?? "auto",
  };
}

/**
 * Return a part of the state as text that tells whether it has changed.
 * @param {State[keyof State] | undefined} value
 */
function spelt(value) {
  return value && typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : String(value ?? "");
}

/**
 * @template {object} T
 * @param {T} given
 * @returns {Partial<T>}
 */
function present(given) {
  return /** @type {Partial<T>} */ (Object.fromEntries(Object.entries(given).filter(([, v]) => v !== null && v !== undefined)));
}
