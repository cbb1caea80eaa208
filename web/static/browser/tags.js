/** Names beside the marks, once one is close enough that they have room: none over another, none over a mark. */

import { el } from "./dom.js";
import { token } from "./theme.js";

/**
 * @typedef {import("./layer.js").Atlas} Atlas
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{name: string, x: number, y: number}} Spot where a mark stands, in pixels of the layer
 */

const FROM_ZOOM = 5.5;
const MOST = 120;
const SIZE = 12; // pixels of type
const HEIGHT = 15;
const REACH = 10; // from the middle of a mark to where its name begins
const pen = document.createElement("canvas").getContext("2d");

/**
 * Keep the names in step with the view.
 * @param {L.Map} map
 * @param {Set<Atlas>} all the layers that are shown
 * @returns {() => void} to be called when they change
 */
export function keepTags(map, all) {
  const box = el("div", { class: "ca-tags", "aria-hidden": "true" });
  map.getPane("shadowPane")?.append(box);
  const place = () => {
    box.hidden = false;
    box.replaceChildren(...(map.getZoom() < FROM_ZOOM ? [] : tags(map, all)));
  };
  map.on("zoomstart", () => (box.hidden = true)).on("moveend", place);
  return place;
}

/**
 * @param {L.Map} map
 * @param {Set<Atlas>} all
 */
function tags(map, all) {
  if (pen) pen.font = `550 ${SIZE}px ${token("--font")}`;
  const spots = [...all].flatMap((atlas) => spotsOf(map, atlas));
  const taken = spots.map(({ x, y }) => ({ left: x - 7, top: y - 7, right: x + 7, bottom: y + 7 }));
  const made = [];
  const view = inside(map);
  for (const spot of spots) {
    const free = made.length < MOST && sides(spot).find((box) => within(box, view) && !taken.some((other) => overlap(box, other)));
    if (!free) continue;
    taken.push(free);
    const tag = el("span", {}, spot.name);
    tag.style.transform = `translate(${Math.round(free.left)}px, ${Math.round(free.top)}px)`;
    made.push(tag);
  }
  return made;
}

/**
 * @param {L.Map} map
 * @param {Atlas} atlas
 * @returns {Spot[]}
 */
function spotsOf(map, { handles }) {
  const view = map.getBounds();
  return [...handles.values()].flatMap(({ drawn, feature }) => {
    const mark = drawn instanceof L.Marker && view.contains(drawn.getLatLng()) ? drawn.getElement() : undefined;
    if (!mark || mark.matches(".ca-dim, .ca-out")) return [];
    const { x, y } = map.latLngToLayerPoint(/** @type {L.Marker} */ (drawn).getLatLng());
    const [shiftX, shiftY] = [parseFloat(mark.style.marginLeft) + 13, parseFloat(mark.style.marginTop) + 13];
    return [{ name: feature.properties.name, x: x + shiftX, y: y + shiftY }];
  });
}

/**
 * Return where the name of a mark may stand: right, left, below, above.
 * @param {Spot} spot
 * @returns {Box[]}
 */
function sides({ name, x, y }) {
  const width = pen?.measureText(name).width ?? name.length * 7;
  const corners = [[x + REACH, y - HEIGHT / 2], [x - REACH - width, y - HEIGHT / 2], [x - width / 2, y + 8], [x - width / 2, y - 8 - HEIGHT]];
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + HEIGHT }));
}

/**
 * Return the box of the view in the pixels of the layer.
 * @param {L.Map} map
 * @returns {Box}
 */
function inside(map) {
  const { x: left, y: top } = map.containerPointToLayerPoint([0, 0]);
  const { x: right, y: bottom } = map.containerPointToLayerPoint(map.getSize());
  return { left, top, right, bottom };
}

/**
 * @param {Box} box
 * @param {Box} view
 */
function within(box, view) {
  return box.left >= view.left && box.right <= view.right && box.top >= view.top && box.bottom <= view.bottom;
}

/**
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
