/** The passages as switches: those on the way with the distance, those that are closed with the reason, all others. */

import { byId, el, newId } from "../dom.js";
import { metAfter, why } from "../waytable.js";

/**
 * @typedef {import("../ways.js").Collection} Collection
 * @typedef {import("../ways.js").Journey} Journey
 * @typedef {import("./routewords.js").Closures} Closures
 * @typedef {import("./routewords.js").Passage} Passage
 * @typedef {{answer: Collection | null, journey: Journey | null}} Found
 */

/** The list of switches. */
export class Switches {
  /**
   * @param {Passage[]} passages
   * @param {{closures: Closures, toggle: (id: string) => void}} options
   */
  constructor(passages, { closures, toggle }) {
    this.passages = passages;
    this.closures = closures;
    this.toggle = toggle;
  }

  /**
   * Show what is on the way, what is closed, and the rest.
   * @param {Found} found
   */
  show({ answer, journey }) {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.passage : undefined;
    const passed = (journey?.passed ?? []).filter(({ passage }) => !this.closures.isClosed(passage));
    const met = new Map(passed.map((one) => [one.passage, metAfter(one)]));
    const shut = this.passages.filter(({ id }) => this.closures.isClosed(id));
    const rest = this.passages.filter(({ id }) => !met.has(id) && !this.closures.isClosed(id));
    const called = new Map(this.passages.map((one) => [one.id, one]));
    const passing = passed.map(({ passage, name }) => called.get(passage) ?? { id: passage, name, feature: null });
    this.fill("route-met", passing.map((one) => this.row(one, [met.get(one.id) ?? ""])));
    this.fill("route-shut", shut.map((one) => this.row(one, this.reason(one.id, answer))));
    this.fill("route-others", rest.map((one) => this.row(one, [])));
    if (focused) this.focus(focused);
  }

  /**
   * @param {string} id of the group
   * @param {HTMLElement[]} rows
   */
  fill(id, rows) {
    const group = byId(id);
    /** @type {HTMLElement} */ (group.querySelector("ul")).replaceChildren(...rows);
    group.hidden = !rows.length;
    const count = group.querySelector(".ca-count");
    if (count) count.textContent = String(rows.length);
  }

  /**
   * @param {Passage} passage
   * @param {import("../dom.js").Child[]} said
   */
  row({ id, name }, said) {
    const shut = this.closures.isClosed(id);
    const box = el("input", { type: "checkbox", role: "switch", id: newId(), class: "ca-switch", "data-passage": id });
    box.checked = shut;
    box.addEventListener("change", () => this.toggle(id));
    const note = said.some(Boolean) && el("p", { class: "ca-quiet", id: `${box.id}-said` }, ...said);
    if (note) box.setAttribute("aria-describedby", note.id);
    const state = el("span", { class: "ca-switch-state", "aria-hidden": "true" }, shut ? "Closed" : "Open");
    const label = el("label", { for: box.id }, el("span", {}, name), el("span", { class: "ca-hidden" }, " closed"));
    return el("li", { class: shut ? "ca-passage ca-shut" : "ca-passage" }, el("div", { class: "ca-switch-line" }, label, state, box), note);
  }

  /**
   * Say why a passage is closed.
   * @param {string} id
   * @param {Collection | null} answer
   * @returns {import("../dom.js").Child[]}
   */
  reason(id, answer) {
    const closed = answer?.closed.find(({ passage }) => passage === id);
    const { close, kept } = this.closures;
    if (close.has(id)) return ["As asked."];
    if (!answer || !closed) return ["Closed unless it is opened."];
    return [...why(closed, answer), kept.has(id) && " A cited rule stays: leave out the date or the draught to open it."];
  }

  /** @param {string} id */
  focus(id) {
    const box = /** @type {HTMLElement | null} */ (byId("route-passages").querySelector(`[data-passage="${CSS.escape(id)}"]`));
    // What was switched has moved to another group: the panel stays where the reader looks.
    box?.focus({ preventScroll: true });
  }
}
