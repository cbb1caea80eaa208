/** Search by name within what the map holds: needs no server. */

import { combobox } from "./combobox.js";
import { control } from "./control.js";
import { el, icon, newId } from "./dom.js";
import { goTo } from "./goto.js";
import { contents } from "./layer.js";
import { featureIndex } from "./names.js";
import { colourOf, symbol } from "./symbols.js";

/**
 * @typedef {import("./types.js").Handle} Handle
 * @typedef {import("./layer.js").Atlas} Atlas
 */

const MOST = 8;

/**
 * Return a search field over these layers as a control of the map.
 * @param {L.FeatureGroup[]} groups
 * @param {{position?: L.ControlPosition}} [options]
 */
export function search(groups, { position = "topleft" } = {}) {
  const input = el("input", { type: "search", id: newId(), class: "ca-field", placeholder: "Search by name", spellcheck: "false" });
  const label = el("label", { class: "ca-hidden", for: input.id }, "Search by name");
  const box = el("div", { class: "ca-panel ca-search", role: "search" }, label, input, icon("M9 3.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11Z", "m13 13 4 4"));
  return control(position, box, async (map) => {
    const atlases = await contents(groups);
    const index = featureIndex(atlases);
    combobox({
      input,
      name: "Features",
      none: "No feature has such a name.",
      find: (text) => index.find(text, MOST).map(suggestion),
      choose: (handle) => goTo(map, groupOf(atlases, handle), handle),
    });
    // The other controls come in the same turn: a popup is placed clear of them.
    setTimeout(() => openSelected(map, atlases));
  });
}

/**
 * Return a feature as a suggestion.
 * @param {Handle} handle
 * @returns {import("./combobox.js").Suggestion<Handle>}
 */
export function suggestion(handle) {
  const { feature, context } = handle;
  const { about, regions } = context;
  const p = feature.properties;
  const place = p.admin1 ?? p.country;
  const detail = [about.title.en, place && regions[place]?.name].filter(Boolean).join(" · ");
  return { item: handle, label: p.name, detail, mark: symbol(about.style.shape, colourOf(about, p)) };
}

/**
 * @param {Atlas[]} atlases
 * @param {Handle} handle
 */
export function groupOf(atlases, handle) {
  return /** @type {Atlas} */ (atlases.find((atlas) => atlas.handles.has(handle.key))).group;
}

/**
 * Open the feature that the page's address, or its root element, names: in an embed or an export there is no panel that would.
 * @param {L.Map} map
 * @param {Atlas[]} atlases
 */
function openSelected(map, atlases) {
  const key = document.documentElement.dataset.select || new URLSearchParams(location.search).get("select");
  const atlas = atlases.find(({ handles }) => key && handles.has(key));
  const handle = key && atlas?.handles.get(key);
  const placed = "placed" in document.documentElement.dataset || new URLSearchParams(location.search).has("at");
  if (atlas && handle) goTo(map, atlas.group, handle, { move: !placed, fly: false });
}
