/** The panel that asks the map's own data: a region, a box, a radius, filters; the answer as a list, on the map, as a file. */

import { ask } from "./ask.js";
import { csv, geojson, save } from "./askfile.js";
import { LayerFilters } from "./askfilters.js";
import { Where } from "./askwhere.js";
import { control } from "./control.js";
import { button, el, icon } from "./dom.js";
import { extent, setState } from "./drawn.js";
import { boxBounds, circleLine, framed } from "./frame.js";
import { goTo } from "./goto.js";
import { contents } from "./layer.js";
import { POSSIBLE, row, summary } from "./listing.js";
import { disclosure } from "./switches.js";
import { symbol } from "./symbols.js";

/**
 * @typedef {import("./layer.js").Atlas} Atlas
 * @typedef {import("./listing.js").Part} Part
 * @typedef {import("./askwhere.js").Asked} Asked
 * @typedef {import("./askfile.js").Found} Found
 */

const EDGE = 40; // pixels round what is fitted
const NARROW = 640; // pixels of map below which the open panel leaves no room for a popup

/**
 * Return the panel as a control of the map.
 * @param {L.FeatureGroup[]} groups
 * @param {{position?: L.ControlPosition}} [options]
 */
export function askPanel(groups, { position = "topleft" } = {}) {
  const box = el("section", { class: "ca-panel ca-ask", "aria-label": "Ask this map" });
  return control(position, box, async (map) => {
    const atlases = await contents(groups);
    if (atlases.length) new Panel(map, atlases, box);
  });
}

class Panel {
  /**
   * @param {L.Map} map
   * @param {Atlas[]} atlases
   * @param {HTMLElement} box
   */
  constructor(map, atlases, box) {
    this.map = map;
    this.atlases = atlases;
    this.box = box;
    /** @type {Found[]} */
    this.found = [];
    this.asked = /** @type {Asked} */ ({ question: {}, title: "" });
    this.drawn = L.layerGroup().addTo(map);
    const changed = () => this.answer();
    this.where = new Where(map, atlases, () => this.answer({ fit: true }));
    this.filters = atlases.map((atlas) => new LayerFilters(atlas, changed));
    this.fault = el("p", { class: "ca-faults", role: "alert", hidden: true });
    this.status = el("p", { class: "ca-quiet ca-status", role: "status" });
    this.list = el("div", { class: "ca-answer" });
    this.tools = this.#tools();
    this.#build();
    for (const { group } of atlases) group.on("add remove", changed);
  }

  /**
   * Ask, and show the answer.
   * @param {{fit?: boolean}} [how] whether the map goes there
   */
  answer({ fit = false } = {}) {
    const asked = this.#read();
    const filters = this.filters.map((one) => one.read());
    const idle = !asked || (!Object.keys(asked.question).length && filters.every((one) => !Object.keys(one).length));
    this.asked = asked ?? { question: {}, title: "" };
    const shown = this.atlases.flatMap((atlas, i) => (this.map.hasLayer(atlas.group) ? [{ atlas, filter: filters[i] }] : []));
    this.found = idle ? [] : shown.map(({ atlas, filter }) => this.#ask(atlas, filter));
    const parts = this.found.map((one) => this.#part(one));
    this.#list(parts, idle);
    this.#draw(idle ? null : parts);
    if (fit && !idle && !("bbox" in this.asked.question)) this.#fit(parts);
  }

  /** Ask nothing any more. */
  clear() {
    this.where.clear();
    for (const one of this.filters) one.clear();
    this.answer();
    /** @type {HTMLElement} */ (this.where.element.querySelector("input")).focus();
  }

  #build() {
    const filters = el("div", { class: "ca-layers-asked", role: "group", "aria-label": "Filters" }, el("h2", {}, "Filters"), ...this.filters.map(({ element }) => element));
    const form = el("form", { class: "ca-ask-form" }, this.where.element, this.fault, filters);
    form.addEventListener("submit", (event) => event.preventDefault());
    const body = el("div", { class: "ca-ask-body" }, form, el("div", { class: "ca-ask-answer" }, this.status, this.tools, this.list));
    this.count = el("span", { class: "ca-asked", hidden: true });
    const head = (this.head = disclosure("Ask this map", body, false, icon("M3 4.500h14l-5.500 6.500v5l-3-1.800V11Z")));
    head.append(this.count);
    this.box.append(head, body);
    this.answer();
  }

  #tools() {
    const name = () => `corridor-atlas-${this.asked.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "answer"}`;
    const said = () => ({ question: { ...this.asked.question, filters: Object.fromEntries(this.filters.map((one) => [one.layer, one.read()])) } });
    return el(
      "div",
      { class: "ca-tools", hidden: true },
      button("ca-button", ["Clear"], () => this.clear()),
      button("ca-button", ["CSV"], () => save(`${name()}.csv`, "text/csv", csv(this.found)), { title: "Save the answer as a table, with citations" }),
      button("ca-button", ["GeoJSON"], () => save(`${name()}.geojson`, "application/geo+json", geojson(this.found, said())), { title: "Save the answer as GeoJSON, with citations" }),
    );
  }

  /** @returns {Asked | null} */
  #read() {
    this.fault.hidden = true;
    try {
      const asked = this.where.read();
      if (asked) ask(/** @type {Found["data"]} */ (this.atlases[0].group.data), asked.question);
      return asked;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fault.textContent = error.message;
      this.fault.hidden = false;
      return null;
    }
  }

  /**
   * @param {Atlas} atlas
   * @param {import("./filters.js").Filters} filter
   * @returns {Found}
   */
  #ask({ group }, filter) {
    const data = /** @type {Found["data"]} */ (group.data);
    return { data, answer: ask(data, { ...this.asked.question, filter }) };
  }

  /**
   * @param {Found} found
   * @returns {Part}
   */
  #part({ data, answer: { ids, membership } }) {
    const atlas = /** @type {Atlas} */ (this.atlases.find(({ group }) => group.data === data));
    const members = ids.flatMap((id, i) => {
      const handle = atlas.handles.get(`${data.about.id}/${id}`);
      return handle ? [{ handle, possible: membership[i] === "possible" }] : [];
    });
    members.sort((a, b) => a.handle.feature.properties.name.localeCompare(b.handle.feature.properties.name));
    return { atlas, matched: ids.length, members };
  }

  /**
   * @param {Part[]} parts
   * @param {boolean} idle
   */
  #list(parts, idle) {
    const matched = parts.reduce((sum, { matched }) => sum + matched, 0);
    this.status.textContent = idle ? "" : matched ? `${this.#title()}${summary(parts, parts[0].atlas.context.release)}` : "None of the layers shown has such a feature.";
    this.tools.hidden = idle;
    if (this.count) {
      this.count.hidden = idle;
      this.count.textContent = idle ? "" : String(matched);
    }
    const uncertain = parts.some(({ members }) => members.some(({ possible }) => possible));
    const note = uncertain ? [el("p", { class: "ca-quiet" }, el("span", { class: "ca-badge" }, "possible"), ` ${POSSIBLE}`)] : [];
    this.list.replaceChildren(...parts.filter(({ matched }) => matched > 0).map((part) => this.#section(part)), ...note);
  }

  #title() {
    const { title } = this.asked;
    return title ? `${title.charAt(0).toUpperCase()}${title.slice(1)}: ` : "";
  }

  /** @param {Part} part */
  #section({ atlas, matched, members }) {
    const { about } = atlas.context;
    const mark = symbol(about.style.shape, about.style.colour_by ? "var(--quiet)" : about.style.colour);
    const head = el("h3", {}, mark, el("span", {}, about.title.en), el("span", { class: "ca-count" }, String(matched)));
    const rows = members.map((member) => el("li", {}, row(member, this.asked.title, (handle) => this.#show(atlas, handle))));
    return el("section", { class: "ca-result" }, head, el("ul", {}, ...rows));
  }

  /**
   * @param {Atlas} atlas
   * @param {import("./types.js").Handle} handle
   */
  #show({ group }, handle) {
    if (this.map.getSize().x < NARROW) {
      this.head?.focus();
      this.head?.click();
    }
    goTo(this.map, group, handle);
  }

  /**
   * Show the answer only; without one, everything.
   * @param {Part[] | null} parts
   */
  #draw(parts) {
    const inside = new Set((parts ?? []).flatMap(({ members }) => members.map(({ handle }) => handle.key)));
    for (const handle of this.atlases.flatMap(({ handles }) => [...handles.values()])) {
      const out = parts !== null && !inside.has(handle.key);
      setState(handle, "ca-out", out);
      if (out && handle.drawn.isPopupOpen()) this.map.closePopup();
    }
    this.drawn.clearLayers();
    const line = outline(this.asked.question);
    if (line && parts) line.addTo(this.drawn);
    this.map.fire("restate");
  }

  #outlined() {
    return L.featureGroup(this.drawn.getLayers()).getBounds();
  }

  /**
   * Show where the answer lies, beside the panel where there is room.
   * @param {Part[]} parts
   */
  #fit(parts) {
    const members = parts.flatMap((part) => part.members.map(({ handle }) => handle));
    // A route through a region reaches far beyond it.
    const points = members.filter(({ drawn }) => drawn instanceof L.Marker);
    const bounds = L.latLngBounds([]);
    for (const handle of points.length ? points : members) bounds.extend(extent(handle));
    if (this.asked.question.near) bounds.extend(this.#outlined());
    if (!bounds.isValid()) return;
    const wide = this.map.getSize().x;
    const beside = wide > 2 * this.box.offsetWidth + 2 * EDGE ? this.box.offsetWidth : 0;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.flyToBounds(bounds, { paddingTopLeft: [EDGE + beside, EDGE], paddingBottomRight: [EDGE, EDGE], maxZoom: 8, duration: 0.8, animate: !calm });
  }
}

/**
 * Return the outline of a question on the map, or null: a named region has none here.
 * @param {import("./ask.js").Question} question
 */
function outline({ bbox, near, radius }) {
  const look = { className: "ca-outline", interactive: false, weight: 1.5 };
  if (bbox) {
    const bounds = boxBounds(bbox.join(","));
    return bounds && L.rectangle(bounds, look);
  }
  return near && radius ? L.polygon(circleLine(L.latLng(near[1], framed(near[0])), radius), look) : null;
}
