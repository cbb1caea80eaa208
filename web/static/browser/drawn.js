/** What Leaflet draws for a feature: a mark that can be focused, or a line with a wide target. */

import { el } from "./dom.js";
import { colourOf, symbol } from "./symbols.js";

/** @typedef {import("./types.js").Handle} Handle */

const TARGET = 26; // pixels: what a finger or pointer may hit

/**
 * Return the mark of a point.
 * @param {Pick<Handle, "feature" | "context">} of
 * @returns {L.Marker}
 */
export function drawPoint({ feature, context }) {
  const [lon, lat] = /** @type {GeoJSON.Point} */ (feature.geometry).coordinates;
  const html = symbol(context.about.style.shape, colourOf(context.about, feature.properties));
  // An SVG element is taken as it is; Leaflet's types name HTML elements only.
  const given = /** @type {HTMLElement} */ (/** @type {unknown} */ (html));
  const shape = L.divIcon({ html: given, className: "ca-point", iconSize: [TARGET, TARGET], popupAnchor: [0, -6] });
  const marker = L.marker([lat, lon], { icon: shape, alt: feature.properties.name, riseOnHover: true });
  marker.on("add", () => nameMark(marker, feature.properties.name));
  return marker;
}

/**
 * @param {L.Marker} marker
 * @param {string} name
 */
function nameMark(marker, name) {
  const box = marker.getElement();
  if (!box) return;
  box.setAttribute("aria-label", name);
  box.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    marker.openPopup();
  });
}

/**
 * Return the lines of a route: halo, line and an invisible wide line to hit.
 * @param {Pick<Handle, "feature" | "context">} of
 * @returns {L.FeatureGroup}
 */
export function drawLine({ feature, context }) {
  const parts = /** @type {GeoJSON.MultiLineString} */ (feature.geometry).coordinates.map((part) =>
    part.map(([lon, lat]) => L.latLng(lat, lon)),
  );
  const colour = colourOf(context.about, feature.properties);
  const halo = L.polyline(parts, { className: "ca-halo", weight: 4.4, interactive: false });
  const line = L.polyline(parts, { className: "ca-route", weight: 1.9, color: colour, interactive: false });
  const target = L.polyline(parts, { className: "ca-target", weight: 16, opacity: 0 });
  line.on("add", () => /** @type {SVGElement | undefined} */ (line.getElement())?.style.setProperty("--c", colour));
  return L.featureGroup([halo, line, target]);
}

/**
 * Return the bounds of what is drawn.
 * @param {Handle} handle
 */
export function extent({ drawn }) {
  return drawn instanceof L.Marker ? L.latLngBounds([drawn.getLatLng()]) : drawn.getBounds();
}

/**
 * Return where a popup points to: a point's position, the middle of a route's longest part.
 * @param {Handle} handle
 */
export function anchor({ drawn, feature }) {
  if (drawn instanceof L.Marker) return drawn.getLatLng();
  const parts = /** @type {GeoJSON.MultiLineString} */ (feature.geometry).coordinates;
  const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
  const [lon, lat] = longest[Math.floor(longest.length / 2)];
  return L.latLng(lat, lon);
}

/**
 * Set or clear a state of a feature on the map: `ca-dim` or, not drawn at all, `ca-out` outside an answer, `ca-on` when selected,
 * `ca-shut` where ships may not pass.
 * @param {Handle} handle
 * @param {"ca-dim" | "ca-out" | "ca-on" | "ca-shut"} state
 * @param {boolean} on
 */
export function setState({ drawn }, state, on) {
  for (const one of drawn instanceof L.Marker ? [drawn] : drawn.getLayers()) {
    const path = /** @type {L.Marker | L.Path} */ (one);
    const show = () => path.getElement()?.classList.toggle(state, on);
    const kept = states.get(path) ?? new Map();
    const before = kept.get(state);
    if (before) path.off("add", before);
    // An element is made anew each time a layer is switched on.
    states.set(path, kept.set(state, show));
    path.on("add", show);
    show();
  }
  if (drawn instanceof L.Marker && state !== "ca-shut") drawn.setZIndexOffset(state === "ca-on" && on ? 2000 : state === "ca-dim" && on ? -2000 : 0);
}

/** @type {WeakMap<L.Layer, Map<string, () => void>>} */
const states = new WeakMap();

/**
 * Return a tooltip's content.
 * @param {Handle} handle
 */
export function nameTag({ feature }) {
  return el("span", {}, feature.properties.name);
}

/**
 * Move marks that stand on one spot apart, so that each can be reached.
 * @param {Handle[]} handles
 */
export function fanOut(handles) {
  /** @type {Map<string, L.Marker[]>} */
  const spots = new Map();
  for (const { drawn } of handles) {
    if (!(drawn instanceof L.Marker) || !drawn.getElement()) continue;
    const { lat, lng } = drawn.getLatLng();
    const spot = `${lat.toFixed(4)},${lng.toFixed(4)}`;
    spots.set(spot, [...(spots.get(spot) ?? []), drawn]);
  }
  for (const marks of spots.values()) marks.forEach((mark, i) => shift(mark, i, marks.length));
}

/**
 * @param {L.Marker} marker
 * @param {number} index
 * @param {number} count
 */
function shift(marker, index, count) {
  const angle = (2 * Math.PI * index) / count - Math.PI / 4;
  const reach = count > 1 ? 5 + 2 * count : 0;
  const box = /** @type {HTMLElement} */ (marker.getElement());
  box.style.marginLeft = `${Math.round(Math.cos(angle) * reach - TARGET / 2)}px`;
  box.style.marginTop = `${Math.round(Math.sin(angle) * reach - TARGET / 2)}px`;
}
