/** The tab that asks by region: a name, a box, or a place with a radius. */

import { combobox } from "../combobox.js";
import { byId, el } from "../dom.js";
import { boxWords } from "../frame.js";
import { featureIndex } from "../names.js";
import { suggestion } from "../search.js";
import { kilometres } from "./answer.js";
import { drawBox } from "./draw.js";
import { regionKind, regions } from "./server.js";

/**
 * @typedef {import("./state.js").Question} Question
 * @typedef {import("./explorer.js").Session} Session
 * @typedef {import("./server.js").Region} Region
 */

/** A question without words: each new one replaces the whole. @type {Question} */
export const NOTHING = { region: null, bbox: null, near: null, radius: null };

/**
 * Bring the forms of the tab to life.
 * @param {Session} session
 * @param {(question: Question) => void} ask
 * @returns {{fill: (question: Question, label: string) => void}}
 */
export function regionForms(session, ask) {
  const name = nameForm(session, ask);
  const near = nearForm(session, ask);
  byId("draw").addEventListener("click", () => draw(session, ask));
  byId("in-view").addEventListener("click", () => ask({ ...NOTHING, bbox: boxWords(session.map.getBounds()) }));
  return {
    fill(question, label) {
      if (question.region) name.reset(label);
      if (question.near) near.fill(question);
    },
  };
}

/**
 * Return regions as suggestions.
 * @param {string} endpoint
 * @param {string} text
 * @param {AbortSignal} signal
 */
export async function suggestRegions(endpoint, text, signal) {
  const found = await regions(endpoint, text, signal);
  return found.map((region) => ({ item: region, label: region.name, detail: regionKind(region) }));
}

/**
 * @param {Session} session
 * @param {(question: Question) => void} ask
 */
function nameForm({ endpoints }, ask) {
  const input = /** @type {HTMLInputElement} */ (byId("region"));
  const submit = (/** @type {string} */ text) => ask({ ...NOTHING, region: text });
  byId("region-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) submit(input.value.trim());
    else input.focus();
  });
  return combobox({
    input,
    name: "Regions",
    none: "No region has such a name.",
    find: (text, signal) => suggestRegions(endpoints.regions, text, signal),
    choose: (/** @type {Region} */ region) => ask({ ...NOTHING, region: region.id }),
    submit,
  });
}

/**
 * @param {Session} session
 * @param {(question: Question) => void} ask
 */
function nearForm(session, ask) {
  const [place, radius] = ["near", "radius"].map((id) => /** @type {HTMLInputElement} */ (byId(id)));
  const index = featureIndex(session.atlases.filter((atlas) => atlas.context.about.geometry === "point"));
  const submit = (/** @type {string} */ near) => ask({ ...NOTHING, near, radius: `${radius.value || 0}km` });
  let [picked, shown] = ["", ""];
  const box = combobox({
    input: place,
    name: "Places",
    none: "No place has such a name. A position is written as longitude,latitude.",
    find: (text) => index.find(text, 8).map(suggestion),
    choose: (handle) => {
      [picked, shown] = [handle.key, handle.feature.properties.name];
      radius.focus();
    },
    submit: (text) => submit(text === shown ? picked : text),
  });
  byId("near-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = place.value.trim();
    if (text) submit(text === shown ? picked : text);
    else place.focus();
  });
  return {
    /** @param {Question} question */
    fill(question) {
      const handle = session.find(question.near ?? "");
      [picked, shown] = [question.near ?? "", handle?.feature.properties.name ?? question.near ?? ""];
      box.reset(shown);
      radius.value = String(Number(kilometres(question.radius ?? "").toPrecision(7)) || radius.value);
    },
  };
}

/**
 * @param {Session} session
 * @param {(question: Question) => void} ask
 */
async function draw({ map, sheet }, ask) {
  const before = sheet.height;
  if (sheet.active) sheet.set("low");
  map.closePopup();
  const bounds = await drawBox(map);
  if (sheet.active) sheet.set(before === "low" ? "half" : before);
  if (bounds) ask({ ...NOTHING, bbox: boxWords(bounds) });
  else byId("draw").focus();
}

/**
 * Return faults as the server put them.
 * @param {string[]} faults
 */
export function faultList(faults) {
  return el("ul", { class: "ca-faults" }, ...faults.map((fault) => el("li", { class: "fault" }, fault)));
}
