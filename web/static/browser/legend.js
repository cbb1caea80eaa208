/** The legend as a control of the map: switches for the layers, and what the symbols mean. */

import { control, oneOpen } from "./control.js";
import { el } from "./dom.js";
import { contents } from "./layer.js";
import { disclosure, layerSwitch, notDrawn } from "./switches.js";
import { unpack } from "./unpack.js";

const NARROW = 640; // pixels of map below which the legend starts closed

/**
 * Return the legend of these layers.
 * @param {L.FeatureGroup[]} groups
 * @param {{position?: L.ControlPosition, absent?: string}} [options] ``absent`` are the layers left out, packed
 */
export function legend(groups, { position = "topright", absent = "" } = {}) {
  const list = el("ul", { class: "ca-layers" });
  const box = el("section", { class: "ca-panel ca-legend", "aria-label": "Layers" });
  return control(position, box, async (map) => {
    const beside = map.getContainer().querySelector(".ca-voyages");
    box.append(disclosure("Layers", list, !beside && map.getSize().x >= NARROW), list);
    oneOpen(box);
    const atlases = await contents(groups);
    const left = absent ? await unpack(absent) : [];
    list.append(...atlases.map((atlas) => layerSwitch(map, atlas)), ...left.map((/** @type {import("./switches.js").Absent} */ one) => notDrawn(one)));
    // A popup that opened meanwhile has kept clear of a narrower legend.
    map.eachLayer((layer) => void (layer instanceof L.Popup && layer.update()));
  });
}
