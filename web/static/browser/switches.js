/** Layers as switches with what their symbols mean: the body of the legend, and of the explorer's first tab. */

import { button, el, icon, newId } from "./dom.js";
import { symbol } from "./symbols.js";

/**
 * @typedef {import("./layer.js").Atlas} Atlas
 * @typedef {{id: string, title: string, reason: string}} Absent a layer that the map leaves out
 * @typedef {{colour: string, titles: string[], count: number}} Entry
 */

/**
 * Return the switch of one layer; it follows the map, whoever switches.
 * @param {L.Map} map
 * @param {Atlas} atlas
 * @param {{extras?: Node[]}} [options]
 */
export function layerSwitch(map, atlas, { extras = [] } = {}) {
  const { group, context, handles } = atlas;
  const { about } = context;
  const box = el("input", { type: "checkbox", id: newId(), class: "ca-check", "data-layer": about.id });
  box.addEventListener("change", () => {
    if (box.checked) map.addLayer(group);
    else map.removeLayer(group);
  });
  const item = el("li", { class: "ca-layer" }, line(atlas, box), entryList(about, handles), ...extras);
  const follow = () => {
    box.checked = map.hasLayer(group);
    item.classList.toggle("ca-off", !box.checked);
  };
  group.on("add remove", follow);
  follow();
  return item;
}

/**
 * Return the line of a layer that the map leaves out, with the reason.
 * @param {Absent} absent
 * @param {...Node} more
 */
export function notDrawn({ id, title, reason }, ...more) {
  const name = el("span", { class: "ca-layer-title" }, title);
  return el("li", { class: "ca-layer ca-undrawn", "data-absent": id }, name, el("p", { class: "ca-quiet" }, reason, ...more));
}

/**
 * @param {Atlas} atlas
 * @param {HTMLInputElement} box
 */
function line({ context: { about, release }, handles }, box) {
  const count = el("span", { class: "ca-count", title: `Features, counted in release ${release}` }, String(handles.size));
  const mark = symbol(about.style.shape, about.style.colour_by ? "var(--quiet)" : about.style.colour);
  return el("label", { class: "ca-layer-line", for: box.id }, box, mark, el("span", { class: "ca-layer-title" }, about.title.en), count);
}

/**
 * @param {import("./types.js").About} about
 * @param {Atlas["handles"]} handles
 */
function entryList(about, handles) {
  const rows = entries(about, handles);
  if (!rows.length) return null;
  const items = rows.map(({ colour, titles, count }) =>
    el("li", {}, symbol(about.style.shape, colour), el("span", {}, joined(titles)), el("span", { class: "ca-count" }, String(count))),
  );
  return el("ul", { class: "ca-entries" }, ...items);
}

/**
 * Return what the colours of a layer mean: the choices that occur, those of one colour together, and no value at all.
 * @param {import("./types.js").About} about
 * @param {Atlas["handles"]} handles
 * @returns {Entry[]}
 */
function entries(about, handles) {
  const field = about.fields.find((f) => f.id === about.style.colour_by);
  if (!field) return [];
  /** @type {Map<string, Entry>} */
  const found = new Map();
  const values = [...handles.values()].map((handle) => handle.feature.properties[field.id]);
  for (const choice of field.choices) {
    const count = values.filter((v) => v === choice.id).length;
    const entry = found.get(choice.colour) ?? { colour: choice.colour, titles: [], count: 0 };
    if (count) found.set(choice.colour, { ...entry, titles: [...entry.titles, choice.title], count: entry.count + count });
  }
  const unsaid = values.filter((v) => !field.choices.some((c) => c.id === v)).length;
  const rest = unsaid ? [{ colour: about.style.colour, titles: [`${field.title} not reported`], count: unsaid }] : [];
  return [...found.values(), ...rest];
}

/** @param {string[]} titles */
function joined([first, ...rest]) {
  return [first, ...rest.map((title) => title.charAt(0).toLowerCase() + title.slice(1))].join(", ");
}

/**
 * Return a heading that shows and hides what it heads.
 * @param {string} title
 * @param {HTMLElement} body
 * @param {boolean} open
 * @param {SVGElement} [mark]
 */
export function disclosure(title, body, open, mark = icon("M3 6.500h14M3 10h14M3 13.500h14")) {
  body.id ||= newId();
  const head = button("ca-disclosure", [mark, el("span", {}, title)], () => set(Boolean(body.hidden)), { "aria-controls": body.id });
  const set = (/** @type {boolean} */ show) => {
    body.hidden = !show;
    head.setAttribute("aria-expanded", String(show));
  };
  set(open);
  return head;
}
