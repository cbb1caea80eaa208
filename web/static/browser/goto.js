/** The way to a feature: layer on, map there, popup open. */

import { anchor, extent } from "./drawn.js";

const CLOSE = 5; // zoom at which the surroundings of a point can be read
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Show a feature on the map and open its popup.
 * @param {L.Map} map
 * @param {L.FeatureGroup} group
 * @param {import("./types.js").Handle} handle
 * @param {{move?: boolean, fly?: boolean}} [options] without `move`, only as far as its popup needs
 */
export function goTo(map, group, handle, { move = true, fly = true } = {}) {
  if (!map.hasLayer(group)) map.addLayer(group);
  if (!handle.drawn.isPopupOpen()) map.closePopup();
  const open = () => handle.drawn.openPopup(anchor(handle));
  if (!move) return open();
  map.once("moveend", open);
  const options = { animate: fly && !CALM.matches, duration: 0.9 };
  if (handle.drawn instanceof L.Marker) map.flyTo(anchor(handle), Math.max(CLOSE, map.getZoom()), options);
  else map.flyToBounds(extent(handle), { ...options, padding: [40, 40] });
  return undefined;
}

/**
 * Fit the map to bounds.
 * @param {L.Map} map
 * @param {L.LatLngBounds} bounds
 * @param {boolean} fly
 */
export function fit(map, bounds, fly) {
  if (bounds.isValid()) map.flyToBounds(bounds, { animate: fly && !CALM.matches, duration: 0.8, padding: [36, 36], maxZoom: 8 });
}
