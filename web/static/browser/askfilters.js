/** The filters that a layer's declaration offers: choices, ranges, texts, and the country. */

import { amount } from "./amounts.js";
import { el, newId } from "./dom.js";
import { filterText } from "./filters.js";
import { symbol } from "./symbols.js";

/**
 * @typedef {import("./layer.js").Atlas} Atlas
 * @typedef {import("./filters.js").Condition} Condition
 * @typedef {import("./filters.js").Filters} Filters
 * @typedef {import("./types.js").Field} Field
 * @typedef {{id: string, title: string, colour?: string}} Option
 * @typedef {{property: string, element: HTMLElement, read: () => Condition, clear: () => void}} Part
 */

/** The filters of one layer. */
export class LayerFilters {
  /**
   * @param {Atlas} atlas
   * @param {() => void} changed
   */
  constructor(atlas, changed) {
    this.layer = atlas.context.about.id;
    this.parts = partsOf(atlas);
    this.count = el("span", { class: "ca-count" });
    this.code = el("code", { class: "ca-cql" });
    this.said = el("div", { class: "ca-same-as", hidden: true }, el("p", { class: "ca-quiet" }, `The same for corridor query ${this.layer} --filter:`), this.code);
    this.element = this.#element(atlas);
    this.element.addEventListener("change", () => {
      this.#tell();
      changed();
    });
  }

  /**
   * Return what is asked of the layer's properties.
   * @returns {Filters}
   */
  read() {
    const said = this.parts.map(({ property, read }) => /** @type {[string, Condition]} */ ([property, read()]));
    return Object.fromEntries(said.filter(([, condition]) => Object.keys(condition).length > 0));
  }

  /** Empty the fields. */
  clear() {
    for (const part of this.parts) part.clear();
    this.#tell();
  }

  #tell() {
    const filters = this.read();
    const count = Object.keys(filters).length;
    this.count.textContent = count ? `${count} set` : "";
    this.code.textContent = filterText(filters);
    this.said.hidden = !count;
  }

  /** @param {Atlas} atlas */
  #element({ context: { about } }) {
    const mark = symbol(about.style.shape, about.style.colour_by ? "var(--quiet)" : about.style.colour);
    const head = el("summary", {}, mark, el("span", {}, about.title.en), this.count);
    return el("details", { class: "ca-filters", "data-filters": about.id }, head, ...this.parts.map(({ element }) => element), this.said);
  }
}

/**
 * Return the parts for every property that some feature of the map has a value of.
 * @param {Atlas} atlas
 * @returns {Part[]}
 */
function partsOf({ group, context }) {
  const { about, regions } = context;
  const features = group.data?.features ?? [];
  const valuesOf = (/** @type {string} */ property) => features.map(({ properties }) => properties[property]).filter((v) => v !== null && v !== undefined);
  const fields = about.fields.filter((field) => valuesOf(field.id).length > 0);
  // An imported layer's column of that name is one of its fields.
  const codes = about.imported ? [] : valuesOf("country").map(String);
  const countries = [...new Set(codes)].map((id) => ({ id, title: regions[id]?.name ?? id }));
  countries.sort((a, b) => a.title.localeCompare(b.title));
  return [
    ...(countries.length ? [choicePart("country", "Country", countries, codes)] : []),
    ...fields.map((field) => fieldPart(field, typeOf(field, about), valuesOf(field.id))),
  ];
}

/**
 * Return the type by which a field can be asked, as the server's queryables have it.
 * @param {Field} field
 * @param {import("./types.js").About} about
 */
function typeOf({ id }, { queryables }) {
  return queryables.find((asked) => asked.id === id)?.type;
}

/**
 * @param {Field} field
 * @param {string | undefined} type
 * @param {unknown[]} values
 * @returns {Part}
 */
function fieldPart(field, type, values) {
  if (field.kind === "choice") return choicePart(field.id, field.title, field.choices, values);
  if (type === "number" || type === "integer") return rangePart(field, values.map(Number));
  return type === "string" ? textPart(field) : presencePart(field);
}

/**
 * Any of several values: of those declared, the ones that occur.
 * @param {string} property
 * @param {string} title
 * @param {Option[]} options
 * @param {unknown[]} values
 * @returns {Part}
 */
function choicePart(property, title, options, values) {
  const rows = options.map(({ id, title: name }) => {
    const box = el("input", { type: "checkbox", class: "ca-check", value: id });
    const count = values.filter((value) => value === id).length;
    return { box, count, element: el("label", {}, box, el("span", {}, name), el("span", { class: "ca-count" }, String(count))) };
  });
  const held = rows.filter(({ count }) => count > 0);
  const some = el("span", { class: "ca-count" }, "any");
  const list = el("div", { class: "ca-choices", role: "group", "aria-label": title }, ...held.map(({ element }) => element));
  const element = el("details", { class: "ca-choice" }, el("summary", {}, title, some), list);
  const read = () => held.flatMap(({ box }) => (box.checked ? [box.value] : []));
  const tell = () => (some.textContent = read().length ? `${read().length} chosen` : "any");
  element.addEventListener("change", tell);
  const clear = () => {
    for (const { box } of held) box.checked = false;
    tell();
  };
  return { property, element, read: () => (read().length ? { in: read() } : {}), clear };
}

/**
 * From a least value to a greatest.
 * @param {Field} field
 * @param {number[]} values
 * @returns {Part}
 */
function rangePart({ id, title, unit }, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [{ word: "At least", value: least }, { word: "At most", value: most }].map(({ word, value }) =>
    el("input", { class: "ca-field", type: "number", step: "any", inputmode: "decimal", placeholder: amount(value, unit === "year" ? "year" : ""), "aria-label": `${title}: ${word.toLowerCase()}` }),
  );
  const shown = ["", "count", "year"].includes(unit) ? title : `${title}, ${unit}`;
  const line = el("div", { class: "ca-range-fields" }, from, el("span", { "aria-hidden": "true" }, "to"), to);
  const element = el("div", { class: "ca-filter", role: "group", "aria-label": shown }, el("span", { class: "ca-filter-title" }, shown), line);
  const read = () => ({
    ...(Number.isFinite(from.valueAsNumber) ? { min: from.valueAsNumber } : {}),
    ...(Number.isFinite(to.valueAsNumber) ? { max: to.valueAsNumber } : {}),
  });
  return { property: id, element, read, clear: () => [from, to].forEach((input) => (input.value = "")) };
}

/**
 * Any value at all: of what is no number and no text, a truth, a date, a time or a list.
 * @param {Field} field
 * @returns {Part}
 */
function presencePart({ id, title }) {
  const has = el("input", { class: "ca-check", type: "checkbox", "aria-label": `${title}: reported` });
  const head = el("div", { class: "ca-filter-line" }, el("span", { class: "ca-filter-title" }, title), el("label", { class: "ca-has" }, has, "reported"));
  const read = () => (has.checked ? { has: true } : {});
  return { property: id, element: el("div", { class: "ca-filter" }, head), read, clear: () => (has.checked = false) };
}

/**
 * A text that the value contains, or any value at all.
 * @param {Field} field
 * @returns {Part}
 */
function textPart({ id, title }) {
  const text = el("input", { class: "ca-field", type: "search", id: newId(), placeholder: "contains …", spellcheck: "false" });
  const has = el("input", { class: "ca-check", type: "checkbox" });
  const head = el("div", { class: "ca-filter-line" }, el("label", { class: "ca-filter-title", for: text.id }, title), el("label", { class: "ca-has" }, has, "reported"));
  const element = el("div", { class: "ca-filter" }, head, text);
  const read = () => ({ ...(text.value.trim() ? { contains: text.value.trim() } : {}), ...(has.checked ? { has: true } : {}) });
  const clear = () => {
    text.value = "";
    has.checked = false;
  };
  return { property: id, element, read, clear };
}
