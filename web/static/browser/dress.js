/** What every map of the atlas has in common, wherever Folium made it. */

import { FRAME_EAST, FRAME_WEST } from "./frame.js";

const MAX_ZOOM = 14;
export const DEEPEST_LAT = 85; // north and south, in degrees
const dressed = new WeakSet();

/**
 * Give a map our frame, controls and names; a second call changes nothing.
 * @param {L.Map} map
 */
export function dress(map) {
  if (dressed.has(map)) return;
  dressed.add(map);
  const box = map.getContainer();
  box.classList.add("corridor-atlas");
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Map");
  map.attributionControl?.setPrefix('<a href="https://leafletjs.com" target="_blank" rel="noopener">Leaflet</a>');
  map.zoomControl?.setPosition("bottomright");
  holdFrame(map);
  followSize(map);
  followZoom(map);
}

/**
 * Keep the map within its frame: no grey beyond the edges, no zoom that shows less than the frame's width.
 * @param {L.Map} map
 */
function holdFrame(map) {
  map.setMaxBounds(L.latLngBounds([-DEEPEST_LAT, FRAME_WEST], [DEEPEST_LAT, FRAME_EAST]));
  map.options.maxBoundsViscosity = 1;
  if (!Number.isFinite(map.getMaxZoom())) map.setMaxZoom(MAX_ZOOM);
  const hold = () => map.setMinZoom(Math.max(1, Math.log2(map.getSize().x / 256)));
  hold();
  map.on("resize", hold);
}

/**
 * Follow the size of the map's box, which changes with panels and sheets and not only with the window.
 * @param {L.Map} map
 */
function followSize(map) {
  const box = map.getContainer();
  const measure = () => {
    map.invalidateSize({ animate: false, pan: false });
    box.style.setProperty("--map-h", `${box.clientHeight}px`);
    box.style.setProperty("--map-w", `${box.clientWidth}px`);
  };
  new ResizeObserver(measure).observe(box);
  measure();
}

/**
 * Let marks grow with the zoom.
 * @param {L.Map} map
 */
function followZoom(map) {
  const grow = () => {
    const size = Math.min(19, Math.max(11, 7.5 + 1.4 * map.getZoom()));
    map.getContainer().style.setProperty("--mark", `${size.toFixed(1)}px`);
  };
  grow();
  map.on("zoomend", grow);
}

/**
 * Say on the map itself that something failed.
 * @param {L.Map} map
 * @param {string} message
 */
export function notice(map, message) {
  const box = document.createElement("p");
  box.className = "ca-notice";
  box.setAttribute("role", "alert");
  box.textContent = message;
  map.getContainer().append(box);
}
