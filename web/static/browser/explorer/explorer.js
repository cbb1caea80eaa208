/** The explorer: panel and map, kept in step with each other and with the address. */

import { combobox } from "../combobox.js";
import { byId, el } from "../dom.js";
import { extent } from "../drawn.js";
import { framed, geographic } from "../frame.js";
import { fit, goTo } from "../goto.js";
import { contents } from "../layer.js";
import { summary } from "../listing.js";
import { featureIndex } from "../names.js";
import { groupOf, suggestion } from "../search.js";
import { layerSwitch, notDrawn } from "../switches.js";
import { theme } from "../theme.js";
import { ask, dim, outline } from "./answer.js";
import { Selection, aboutLayer } from "./details.js";
import { NOTHING, faultList, regionForms, suggestRegions } from "./region.js";
import { resultList } from "./results.js";
import { Routing } from "./route.js";
import { Refusal, regions } from "./server.js";
import { shareRow } from "./share.js";
import { Sheet } from "./sheet.js";
import { Address } from "./state.js";
import { Views, entitle } from "./tabs.js";

/**
 * @typedef {import("../layer.js").Atlas} Atlas
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./state.js").Question} Question
 * @typedef {import("./state.js").State} State
 * @typedef {import("./server.js").Region} Region
 * @typedef {import("./routewords.js").Passage} Passage
 * @typedef {{items: string, regions: string, export: string, embed: string, routes: string}} Endpoints
 * What the parts of the panel share; `actions` is what can be done with a feature, shown in its card.
 * @typedef {{
 *   map: L.Map, root: HTMLElement, atlases: Atlas[], endpoints: Endpoints, address: Address, views: Views, sheet: Sheet,
 *   passages: Passage[], iceClasses: string[], find: (key: string) => Handle | undefined,
 *   actions: (handle: Handle) => HTMLElement | null
 * }} Session
 * @typedef {{
 *   root: HTMLElement, endpoints: Endpoints, state?: Partial<State>, order?: string[], absent?: import("../switches.js").Absent[],
 *   passages?: Passage[], ice_classes?: string[]
 * }} Options
 */

/** What is seen at first, on a screen of any size: from the Baltic and the Red Sea to Chukotka. @type {[[number, number], [number, number]]} */
const HOME = [[-4, 20], [74, 184]];

/** Start the explorer of the page as its element #config describes it. */
export function start() {
  const config = JSON.parse(byId("config").textContent ?? "");
  const page = /** @type {any} */ (window);
  const groups = config.layers.map((/** @type {string} */ name) => page[name]);
  return explorer(page[config.map], groups, { ...config, root: byId("panel") });
}

/**
 * Bring the panel to life.
 * @param {L.Map} map
 * @param {L.FeatureGroup[]} groups
 * @param {Options} options
 * @returns {Promise<void>} done when all layers are there and what the address asks for is on its way
 */
export async function explorer(map, groups, { root, endpoints, state, order = [], absent = [], passages = [], ice_classes: iceClasses = [] }) {
  const address = new Address(state);
  const views = new Views(root);
  const sheet = new Sheet(root, byId("grip"));
  const atlases = inOrder(await contents(groups), order);
  const find = (/** @type {string} */ key) => atlases.map(({ handles }) => handles.get(key)).find(Boolean);
  /** @type {Session} */
  const session = { map, root, atlases, endpoints, address, views, sheet, passages, iceClasses, find, actions: () => null };
  showLayers(session);
  const routing = new Routing(session);
  session.actions = (handle) => routing.points.actions(handle);
  const asking = new Asking(session, new Selection(session));
  listLayers(session, asking);
  byId("layers").append(...absent.map((one) => notDrawn(one, itemsLink(one, endpoints))));
  searchAll(session, asking);
  shareRow(session);
  shortcuts(map);
  address.listeners.push(() => theme(/** @type {"light"} */ (address.state.theme)));
  map.on("moveend", () => rememberView(session));
  await open(session, asking, routing);
  address.steps = true;
  // An earlier address is opened as if it had been typed: one way to read it, not two.
  addEventListener("popstate", () => location.reload());
  document.body.dataset.ready = "true";
}

/**
 * @param {Atlas[]} atlases
 * @param {string[]} order of the layers' ids
 */
function inOrder(atlases, order) {
  const place = (/** @type {Atlas} */ atlas) => (order.indexOf(atlas.context.about.id) + 1 || order.length + 1);
  return [...atlases].sort((a, b) => place(a) - place(b));
}

/** @param {Session} session */
function showLayers({ map, atlases, address }) {
  const { layers } = address.state;
  for (const { group, context } of atlases) {
    if (layers && !layers.includes(context.about.id)) map.removeLayer(group);
  }
  if (layers?.length === atlases.length) address.state.layers = null;
}

/**
 * Show what the address asks for.
 * @param {Session} session
 * @param {Asking} asking
 * @param {Routing} routing
 */
async function open({ map, atlases, address, find, views }, asking, routing) {
  const question = address.question();
  const { route } = address.state;
  if (!question && !route && !address.state.at && !address.state.select) map.fitBounds(HOME);
  if (question) {
    views.show("tab-region");
    await asking.ask(question, { move: !address.state.at && !address.state.select, fly: false });
  }
  if (route) {
    views.show("tab-route");
    await routing.open(route, { move: !address.state.at && !address.state.select, fly: false });
  }
  const handle = address.state.select ? find(address.state.select) : undefined;
  if (handle) goTo(map, groupOf(atlases, handle), handle, { move: !address.state.at, fly: false });
}

/**
 * @param {Session} session
 * @param {Asking} asking
 */
function listLayers({ map, atlases, endpoints, address }, asking) {
  const changed = () => {
    const shown = atlases.filter(({ group }) => map.hasLayer(group)).map(({ context }) => context.about.id);
    address.set({ layers: shown.length === atlases.length ? null : shown });
    const question = address.question();
    if (question) asking.ask(question, { move: false });
  };
  // Whoever switches a layer, the address says so: a switch here, or a choice that needs its layer.
  for (const { group } of atlases) group.on("add remove", changed);
  const switches = atlases.map((atlas) => layerSwitch(map, atlas, { extras: [aboutLayer(atlas, endpoints.items)] }));
  byId("layers").replaceChildren(...switches);
}

/**
 * Return the way to a layer that the map leaves out.
 * @param {import("../switches.js").Absent} absent
 * @param {Endpoints} endpoints
 */
function itemsLink({ id }, { items }) {
  const href = `${items.replace("{layer}", encodeURIComponent(id))}?f=html`;
  return el("a", { href }, "Its features as a table");
}

/**
 * Search features here and regions at the server, in one list.
 * @param {Session} session
 * @param {Asking} asking
 */
function searchAll({ atlases, endpoints }, asking) {
  const index = featureIndex(atlases);
  combobox({
    input: /** @type {HTMLInputElement} */ (byId("search")),
    name: "Features and regions",
    none: "Nothing here has such a name.",
    find: async (text, signal) => {
      const features = index.find(text, 6).map(suggestion);
      // Features are found without the server: what it cannot say must not hide them.
      const found = await suggestRegions(endpoints.regions, text, signal).catch(() => []);
      return [.../** @type {import("../combobox.js").Suggestion<Handle | Region>[]} */ (features), ...found.slice(0, 4)];
    },
    choose: (item) => {
      if ("key" in item) asking.choose(item);
      else asking.ask({ ...NOTHING, region: item.id });
    },
  });
}

/** @param {Session} session */
function rememberView({ map, address }) {
  const { lat, lng } = map.getCenter();
  const places = map.getZoom() > 8 ? 4 : 2;
  const at = [geographic(framed(lng)), lat].map((degrees) => Number(degrees.toFixed(places)));
  address.set({ at: [at[0], at[1], Number(map.getZoom().toFixed(2))] });
}

/** @param {L.Map} map */
function shortcuts(map) {
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    /** @type {HTMLInputElement} */ (byId("search")).select();
    byId("search").focus();
  });
  byId("skip").addEventListener("click", () => map.getContainer().blur());
}

/** The question that is asked, its answer in the panel and on the map. */
class Asking {
  /**
   * @param {Session} session
   * @param {Selection} selection
   */
  constructor(session, selection) {
    this.session = session;
    this.selection = selection;
    this.running = new AbortController();
    /** @type {L.Polygon | null} */
    this.outline = null;
    this.forms = regionForms(session, (question) => this.ask(question));
    byId("clear").addEventListener("click", () => this.clear());
  }

  /**
   * Ask every layer that is shown.
   * @param {Question} question
   * @param {{move?: boolean, fly?: boolean}} [options]
   */
  async ask(question, { move = true, fly = true } = {}) {
    const { session } = this;
    const { map, views, sheet, address, endpoints } = session;
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    const shown = session.atlases.filter(({ group }) => map.hasLayer(group));
    if (move) views.show("tab-region");
    if (move) sheet.raise();
    byId("panel").setAttribute("aria-busy", "true");
    try {
      // With no layer on, one is asked all the same: the server judges whether the question means something.
      const asking = shown.length ? shown : session.atlases.slice(0, 1);
      const [answers, { asked, title }] = await Promise.all([ask(endpoints.items, asking, question, signal), settle(question, session)]);
      const parts = shown.length ? answers : [];
      address.set(asked);
      this.show(asked, parts, title);
      if (move) this.look(parts, fly);
    } catch (error) {
      if (!signal.aborted) this.refused(error);
    } finally {
      if (!signal.aborted) byId("panel").removeAttribute("aria-busy");
    }
  }

  /**
   * @param {Question} question
   * @param {import("./answer.js").Part[]} parts
   * @param {string} title
   */
  show(question, parts, title) {
    const { map, atlases, endpoints } = this.session;
    this.forms.fill(question, title);
    byId("faults").replaceChildren();
    byId("asked").textContent = title;
    entitle(title);
    byId("answer").hidden = false;
    byId("count").textContent = summary(parts, atlases[0]?.context.release ?? "");
    byId("results").replaceChildren(...resultList(parts, { question, title, endpoint: endpoints.items, choose: (handle) => this.choose(handle) }));
    dim(atlases, parts);
    map.fire("restate");
    this.draw(outline(question, atlases));
  }

  /**
   * Turn map and panel to an answer.
   * @param {import("./answer.js").Part[]} parts
   * @param {boolean} fly
   */
  look(parts, fly) {
    const { map, sheet } = this.session;
    fit(map, bounds(this.outline, parts), fly);
    if (sheet.active) byId("answer").scrollIntoView({ block: "start" });
  }

  /** @param {L.Polygon | null} drawn */
  draw(drawn) {
    this.outline?.remove();
    this.outline = drawn?.addTo(this.session.map) ?? null;
    this.outline?.bringToBack();
  }

  /** @param {unknown} error */
  refused(error) {
    const faults = error instanceof Refusal ? error.faults : [String(error)];
    byId("faults").replaceChildren(faultList(faults));
  }

  /**
   * Show a feature on the map and in the panel.
   * @param {Handle} handle
   */
  choose(handle) {
    const { map, atlases } = this.session;
    this.selection.show(handle, { focus: true });
    goTo(map, groupOf(atlases, handle), handle);
  }

  clear() {
    const { address, atlases, map } = this.session;
    this.running.abort();
    byId("panel").removeAttribute("aria-busy");
    address.set(NOTHING);
    for (const id of ["faults", "results"]) byId(id).replaceChildren();
    for (const id of ["region", "near"]) /** @type {HTMLInputElement} */ (byId(id)).value = "";
    byId("count").textContent = "";
    byId("answer").hidden = true;
    entitle(null);
    dim(atlases, null);
    map.fire("restate");
    this.draw(null);
    byId("region").focus();
  }
}

/**
 * Return what an answer covers: the outline of the question, else the points of the answer, else its lines.
 * @param {L.Polygon | null} drawn
 * @param {import("./answer.js").Part[]} parts
 */
function bounds(drawn, parts) {
  if (drawn) return drawn.getBounds();
  const handles = parts.flatMap((part) => part.members.map((member) => member.handle));
  const points = handles.filter(({ drawn: one }) => one instanceof L.Marker);
  const all = L.latLngBounds([]);
  for (const handle of points.length ? points : handles) all.extend(extent(handle));
  return all;
}

/**
 * Return a question as it stands in the address, a region by its code, and as a heading.
 * @param {Question} question
 * @param {Session} session
 * @returns {Promise<{asked: Question, title: string}>}
 */
async function settle(question, { endpoints, find }) {
  if (question.bbox) return { asked: question, title: `Box ${question.bbox.split(",").join(", ")}` };
  if (question.near) {
    const place = find(question.near)?.feature.properties.name ?? question.near;
    return { asked: question, title: `Within ${question.radius} of ${place}` };
  }
  const text = question.region ?? "";
  const found = await regions(endpoints.regions, text).catch(() => []);
  const coded = found.find(({ id }) => id.toLowerCase() === text.toLowerCase());
  // Above 1 stands the one region that the text means.
  const region = coded ?? found.find(({ score }) => score > 1);
  return region ? { asked: { ...question, region: region.id }, title: region.name } : { asked: question, title: text };
}
