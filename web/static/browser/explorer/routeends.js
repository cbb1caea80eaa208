/** The two ends of a way: fields with suggestions, ports first. */

import { combobox } from "../combobox.js";
import { byId } from "../dom.js";
import { featureIndex } from "../names.js";
import { suggestion } from "../search.js";

/**
 * @typedef {import("./explorer.js").Session} Session
 * @typedef {import("../types.js").Handle} Handle
 */

const MOST = 8;
const PORTS = "ports";

/** The fields From and To. */
export class Ends {
  /**
   * @param {Session} session
   * @param {() => void} changed
   */
  constructor(session, changed) {
    const find = finder(session);
    this.from = new End("route-from", { session, find, changed: () => this.next(changed) });
    this.to = new End("route-to", { session, find, changed: () => this.next(changed) });
    byId("route-swap").addEventListener("click", () => {
      this.swap();
      if (this.from.word && this.to.word) changed();
    });
  }

  /**
   * Go to the end that is missing, or on where there is none.
   * @param {() => void} [changed]
   */
  next(changed) {
    const missing = [this.from, this.to].find((end) => !end.word);
    if (missing) missing.input.focus();
    else changed?.();
  }

  swap() {
    const [from, to] = [this.from, this.to].map(({ word, input }) => ({ word, label: input.value.trim() }));
    this.from.set(to.word, to.label);
    this.to.set(from.word, from.label);
  }

  /**
   * Show which of the ends was refused.
   * @param {string[]} faults
   */
  blame(faults) {
    for (const { input, word } of [this.from, this.to]) {
      const refused = word && faults.some((fault) => fault.includes(`'${word}'`) || fault.includes(`"${word}"`));
      input.toggleAttribute("aria-invalid", Boolean(refused));
    }
  }
}

/** One end: what is asked for, and how it is shown. */
class End {
  /**
   * @param {string} id of the field
   * @param {{session: Session, find: (text: string) => Handle[], changed: () => void}} options
   */
  constructor(id, { session, find, changed }) {
    this.input = /** @type {HTMLInputElement} */ (byId(id));
    this.session = session;
    this.picked = "";
    this.label = "";
    this.box = combobox({
      input: this.input,
      name: "Ports and other places",
      none: "No place has such a name. A position is written as longitude,latitude.",
      find: (text) => find(text).map(suggestion),
      choose: (handle) => {
        this.set(handle.key, handle.feature.properties.name);
        changed();
      },
      submit: () => changed(),
    });
  }

  /** What is asked for: `layer/id` of what was chosen, else what was typed. */
  get word() {
    const text = this.input.value.trim();
    return text === this.label ? this.picked : text;
  }

  /**
   * @param {string} word
   * @param {string} [label] without one, the name of the feature that is meant, or the word
   */
  set(word, label) {
    this.picked = word;
    this.label = label ?? this.session.find(word)?.feature.properties.name ?? word;
    this.box.reset(this.label);
    this.input.removeAttribute("aria-invalid");
  }
}

/**
 * Return a search in the points of the map: ports first, since a way by sea begins and ends there.
 * @param {Session} session
 * @returns {(text: string) => Handle[]}
 */
function finder({ atlases }) {
  const points = atlases.filter(({ context: { about } }) => about.geometry === "point");
  const isPorts = (/** @type {import("../layer.js").Atlas} */ atlas) => atlas.context.about.id === PORTS;
  const [ports, others] = [points.filter(isPorts), points.filter((atlas) => !isPorts(atlas))].map((some) => featureIndex(some));
  return (text) => {
    const found = ports.find(text, MOST - 2);
    return [...found, ...others.find(text, MOST - found.length)];
  };
}
