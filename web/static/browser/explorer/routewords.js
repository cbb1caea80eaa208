/** A question about a way by sea, in the words of /routes. */

/**
 * @typedef {{
 *   from: string, to: string, close: string[], open: string[], avoid: string[], date: string | null, ice_class: string | null,
 *   draught: string | null, speed: string | null, alternatives: string | null
 * }} Route
 * A passage that can be closed; `feature` is the key of its point on the map, if it has one.
 * @typedef {{id: string, name: string, feature: string | null}} Passage
 */

const LISTS = /** @type {const} */ (["close", "open", "avoid"]);
const TERMS = /** @type {const} */ (["date", "ice_class", "draught", "speed", "alternatives"]);
export const ROUTE_WORDS = /** @type {const} */ (["from", "to", ...LISTS, ...TERMS]);

/** What no way takes unless it is opened by name (layers/assumptions.py): until an answer says what is closed, and why. */
const BY_HABIT = ["kiel", "northwest-passage", "volga-don"];

/**
 * Return a route as query words.
 * @param {Route} route
 * @returns {Record<string, string | null>}
 */
export function routeWords(route) {
  /** @type {Record<string, string | null>} */
  const words = {};
  for (const word of ROUTE_WORDS) {
    const value = route[word];
    words[word] = Array.isArray(value) ? value.join(",") : value;
  }
  return words;
}

/**
 * Return the route that words describe, or null where they name no two ends.
 * @param {Record<string, unknown> | null | undefined} words lists may be text joined by commas
 * @returns {Route | null}
 */
export function readRoute(words) {
  if (!words?.from || !words.to) return null;
  const text = (/** @type {unknown} */ value) => (value === null || value === undefined || value === "" ? null : String(value));
  const list = (/** @type {unknown} */ value) => (Array.isArray(value) ? value.map(String) : (text(value)?.split(",").map((one) => one.trim()) ?? []));
  const lists = Object.fromEntries(LISTS.map((word) => [word, list(words[word])]));
  const terms = Object.fromEntries(TERMS.map((word) => [word, text(words[word])]));
  return /** @type {Route} */ ({ from: String(words.from), to: String(words.to), ...lists, ...terms });
}

/** Which passages are closed and which open, as the reader has switched them and as the last answer has found them. */
export class Closures {
  constructor() {
    /** @type {Set<string>} */
    this.close = new Set();
    /** @type {Set<string>} */
    this.open = new Set();
    /** Closed by a rule or by habit unless it is opened. @type {Set<string>} */
    this.ruled = new Set(BY_HABIT);
    /** Closed although it was asked to be open: by a cited rule. @type {Set<string>} */
    this.kept = new Set();
  }

  /** @param {Pick<Route, "close" | "open">} route */
  fill({ close, open }) {
    this.close = new Set(close);
    this.open = new Set(open);
  }

  /** @param {import("../ways.js").Closed[]} closed of an answer to what is switched now */
  learn(closed) {
    const assumed = closed.filter(({ by }) => by === "assumed").map(({ passage }) => passage);
    this.kept = new Set(assumed.filter((id) => this.open.has(id)));
    this.ruled = new Set([...assumed, ...this.open]);
  }

  /** Forget what the last answer has found. */
  forget() {
    this.kept = new Set();
    this.ruled = new Set(BY_HABIT);
  }

  /** @param {string} id */
  isClosed(id) {
    return this.close.has(id) || this.kept.has(id) || (this.ruled.has(id) && !this.open.has(id));
  }

  /**
   * Close a passage, or open it.
   * @param {string} id
   * @param {{byHabit: boolean}} told whether it is closed as soon as nobody opens it
   */
  toggle(id, { byHabit }) {
    if (this.kept.has(id)) {
      this.kept.delete(id);
      this.open.delete(id);
    } else if (this.isClosed(id)) {
      this.close.delete(id);
      if (this.ruled.has(id)) this.open.add(id);
    } else {
      this.open.delete(id);
      if (!byHabit) this.close.add(id);
    }
  }
}

/**
 * Tell whether a passage is closed as soon as nobody opens it.
 * @param {string} id
 * @param {string | null} draught a draught that is given says whether a canal is deep enough
 */
export function byHabit(id, draught) {
  return BY_HABIT.includes(id) && !(id === "kiel" && draught);
}
