/** Online tiles: off until the reader switches them on, since their host then learns what is looked at. */

import { control } from "./control.js";
import { el, newId, plain } from "./dom.js";

/**
 * Return the switch of an online map.
 * @param {string} url with {z}, {x} and {y}
 * @param {string} attribution as text
 */
export function tiles(url, attribution) {
  const online = L.tileLayer(url, { attribution: plain(attribution), maxNativeZoom: 18, maxZoom: 18, className: "ca-tiles" });
  const box = el("input", { type: "checkbox", id: newId(), class: "ca-check" });
  const text = el("span", {}, "Online map ", el("small", {}, "(sends your view to another host)"));
  const label = el("label", { class: "ca-panel ca-online", for: box.id }, box, text);
  return control("bottomleft", label, (map) => {
    box.addEventListener("change", () => (box.checked ? online.addTo(map) : online.remove()));
  });
}
