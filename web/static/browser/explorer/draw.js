/** Drawing a box on the map with pointer, finger or pen. */

import { el } from "../dom.js";

/**
 * Let the reader draw a box.
 * @param {L.Map} map
 * @returns {Promise<L.LatLngBounds | null>} null where it was given up
 */
export function drawBox(map) {
  const rubber = el("div", { class: "ca-rubber", hidden: true });
  const hint = el("p", { class: "ca-hint" }, "Drag from one corner of the box to the other. ", el("kbd", {}, "Esc"), " gives up.");
  const sheet = el("div", { class: "ca-drawing", tabindex: -1, role: "application", "aria-label": "Draw a box" }, hint, rubber);
  map.getContainer().append(sheet);
  sheet.focus({ preventScroll: true });
  return new Promise((resolve) => {
    const done = (/** @type {L.LatLngBounds | null} */ bounds) => {
      sheet.remove();
      resolve(bounds);
    };
    sheet.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") done(null);
    });
    for (const kind of ["mousedown", "touchstart", "dblclick", "wheel", "click", "contextmenu"]) sheet.addEventListener(kind, (event) => event.stopPropagation());
    follow(map, sheet, rubber, done);
  });
}

/**
 * @param {L.Map} map
 * @param {HTMLElement} sheet
 * @param {HTMLElement} rubber
 * @param {(bounds: L.LatLngBounds | null) => void} done
 */
function follow(map, sheet, rubber, done) {
  /** @type {L.Point | null} */
  let start = null;
  const at = (/** @type {PointerEvent} */ event) => {
    const { left, top } = sheet.getBoundingClientRect();
    return L.point(event.clientX - left, event.clientY - top);
  };
  sheet.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    sheet.setPointerCapture(event.pointerId);
    start = at(event);
  });
  sheet.addEventListener("pointermove", (event) => start && stretch(rubber, L.bounds([start, at(event)])));
  sheet.addEventListener("pointerup", (event) => {
    if (!start) return;
    const box = L.bounds([start, at(event)]);
    const { x, y } = box.getSize();
    start = null;
    // A press without a drag is no box: the reader may try again.
    if (x < 8 || y < 8) rubber.hidden = true;
    else done(geographicBounds(map, box));
  });
}

/**
 * @param {HTMLElement} rubber
 * @param {L.Bounds} box
 */
function stretch(rubber, box) {
  const { x: left, y: top } = box.getTopLeft();
  const { x: width, y: height } = box.getSize();
  rubber.hidden = false;
  Object.assign(rubber.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

/**
 * @param {L.Map} map
 * @param {L.Bounds} box
 */
function geographicBounds(map, box) {
  const [a, b] = [box.getBottomLeft(), box.getTopRight()].map((p) => map.containerPointToLatLng(p));
  return L.latLngBounds(a, b);
}
