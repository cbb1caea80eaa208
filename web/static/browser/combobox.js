/** A text field with suggestions, after the combobox pattern of the WAI-ARIA Authoring Practices. */

import { el, newId } from "./dom.js";

/**
 * @template T
 * @typedef {{item: T, label: string, detail?: string, mark?: Node | null}} Suggestion
 */

/**
 * @template T
 * @typedef {{
 *   input: HTMLInputElement, find: (text: string, signal: AbortSignal) => Suggestion<T>[] | Promise<Suggestion<T>[]>,
 *   choose: (item: T) => void, none: string, submit?: (text: string) => void, name: string
 * }} Options `submit` takes what was typed where nothing was chosen; without it, Enter takes the first suggestion
 */

const WAIT = 120; // milliseconds without a key before suggestions are sought

/** @template T */
class Combobox {
  /** @param {Options<T>} options */
  constructor(options) {
    this.options = options;
    this.input = options.input;
    this.list = el("ul", { class: "ca-options", role: "listbox", id: newId(), "aria-label": options.name, hidden: true });
    this.status = el("p", { class: "ca-hidden", role: "status" });
    /** @type {Suggestion<T>[]} */
    this.found = [];
    this.active = -1;
    this.timer = 0;
    this.asked = new AbortController();
    this.listen();
  }

  listen() {
    const { input, list } = this;
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("focus", () => this.found.length > 0 && this.open());
    input.addEventListener("blur", () => this.close());
    // A press in the list must not take the focus from the field before the click is done.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  later() {
    window.clearTimeout(this.timer);
    this.asked.abort();
    this.timer = window.setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const text = this.input.value.trim();
    const asked = (this.asked = new AbortController());
    if (!text) return this.show(null);
    try {
      const found = await this.options.find(text, asked.signal);
      if (!asked.signal.aborted) this.show(found);
    } catch (error) {
      if (!asked.signal.aborted) this.show([], /** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {Suggestion<T>[] | null} found null closes the list
   * @param {string} [fault]
   */
  show(found, fault) {
    this.found = found ?? [];
    this.active = -1;
    const rows = this.found.map((one, index) => this.row(one, index));
    this.list.replaceChildren(...(rows.length ? rows : [el("li", { class: "ca-nothing", role: "presentation" }, fault ?? this.options.none)]));
    this.status.textContent = found ? (fault ?? (rows.length ? `${rows.length} suggestions` : this.options.none)) : "";
    if (found && document.activeElement === this.input) this.open();
    else this.close();
  }

  /**
   * @param {Suggestion<T>} suggestion
   * @param {number} index
   */
  row({ label, detail, mark }, index) {
    const text = el("span", { class: "ca-option-text" }, el("span", {}, label), detail && el("small", {}, detail));
    const row = el("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" }, mark, text);
    row.addEventListener("click", () => this.take(index));
    return row;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Escape") {
      this.escape(event);
    }
  }

  /** @param {number} step */
  move(step) {
    if (this.list.hidden) this.open();
    const count = this.found.length;
    if (!count) return;
    this.active = this.active < 0 && step < 0 ? count - 1 : (this.active + step + count) % count;
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.active)));
    const row = this.list.children[this.active];
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  async enter() {
    if (this.active >= 0 && !this.list.hidden) return this.take(this.active);
    const text = this.input.value.trim();
    if (this.options.submit) {
      this.reset(this.input.value);
      return text && this.options.submit(text);
    }
    window.clearTimeout(this.timer);
    await this.ask();
    return this.found.length > 0 && this.take(0);
  }

  /**
   * Close the list first, then empty the field; what is behind hears the key only when there was nothing to do here.
   * @param {KeyboardEvent} event
   */
  escape(event) {
    if (!this.list.hidden) this.close();
    else if (this.input.value) this.reset("");
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  take(index) {
    const { item, label } = this.found[index];
    this.reset(label);
    this.options.choose(item);
  }

  /** @param {string} text */
  reset(text) {
    window.clearTimeout(this.timer);
    this.asked.abort();
    this.input.value = text;
    this.show(null);
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/**
 * Give a field suggestions; they are placed right after it.
 * @template T
 * @param {Options<T>} options
 * @returns {{reset: (text: string) => void}}
 */
export function combobox(options) {
  const made = new Combobox(options);
  options.input.after(made.list, made.status);
  return made;
}
