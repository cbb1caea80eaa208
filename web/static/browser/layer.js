/** One layer of the atlas on the map: markers or lines, filled when the payload is unpacked. */

import { el } from './dom.js';
import { popup } from './popup.js';
import { featureColour, symbol } from './symbols.js';
import { unpack } from './unpack.js';

/**
 * @typedef {import('./types.js').Payload} Payload
 * @typedef {import('./types.js').Feature} Feature
 * @typedef {L.FeatureGroup & {data: Payload|null, ready: Promise<Payload>, marks: Map<string, L.Layer[]>}} AtlasGroup
 */

/**
 * Return a layer's group at once; `ready` settles when its features are on it.
 * @param {string} packed
 * @returns {AtlasGroup}
 */
export function layer(packed) {
  const group = /** @type {AtlasGroup} */ (L.featureGroup());
  group.data = null;
  group.marks = new Map();
  group.ready = unpack(packed).then((/** @type {Payload} */ data) => fill(group, data));
  return group;
}

/**
 * @param {AtlasGroup} group
 * @param {Payload} data
 */
function fill(group, data) {
  group.data = data;
  const crowd = new Map();
  for (const feature of data.features) {
    const marks = feature.geometry.type === 'Point' ? [point(feature, data, crowd)] : lines(feature, data);
    for (const mark of marks) {
      mark.bindPopup(() => popup(feature, data), { maxWidth: 380, minWidth: 220, maxHeight: 360, autoPanPadding: [16, 16] });
      mark.bindTooltip(() => el('span', { text: feature.properties.name, dir: 'auto' }), { direction: 'top', offset: [0, -8], sticky: marks.length > 1 });
      group.addLayer(mark);
    }
    group.marks.set(feature.id, marks);
  }
  group.fire('ready');
  return data;
}

/**
 * @param {Feature} feature
 * @param {Payload} data
 * @param {Map<string, number>} crowd how many features stand at each position
 * @returns {L.Marker}
 */
function point(feature, data, crowd) {
  const [lon, lat] = feature.geometry.coordinates;
  const here = `${lon},${lat}`;
  const before = crowd.get(here) ?? 0;
  crowd.set(here, before + 1);
  const drawing = symbol(data.about.style.shape, featureColour(data.about, feature.properties));
  const icon = L.divIcon({ className: 'ca-point', html: /** @type {any} */ (drawing), iconSize: [20, 20], iconAnchor: fan(before) });
  const name = `${feature.properties.name}, ${data.about.title.en}`;
  const marker = L.marker([lat, lon], { icon, keyboard: true, riseOnHover: true });
  // Leaflet's own title would be a second, native tooltip.
  marker.on('add', () => describe(marker.getElement(), name));
  return marker;
}

/**
 * Return the anchor of the nth symbol at one position: later ones stand round the first.
 * @param {number} nth
 * @returns {[number, number]}
 */
function fan(nth) {
  if (!nth) return [10, 10];
  const angle = (nth - 1) * (Math.PI / 3);
  return [10 + Math.round(12 * Math.cos(angle)), 10 + Math.round(12 * Math.sin(angle))];
}

/**
 * @param {HTMLElement|undefined} element
 * @param {string} name
 */
function describe(element, name) {
  element?.setAttribute('role', 'button');
  element?.setAttribute('aria-label', name);
}

/**
 * Return a route: a line to see, drawn over a halo, and a broad one to hit.
 * @param {Feature} feature
 * @param {Payload} data
 * @returns {L.Polyline[]}
 */
function lines(feature, data) {
  const parts = feature.geometry.coordinates.map((/** @type {[number, number][]} */ part) => part.map(([lon, lat]) => [lat, lon]));
  const colour = featureColour(data.about, feature.properties);
  const seen = L.polyline(parts, { color: colour, weight: 2, opacity: 0.75, interactive: false, className: 'ca-route', smoothFactor: 0.7 });
  const hit = L.polyline(parts, { color: colour, weight: 14, opacity: 0, className: 'ca-hit', smoothFactor: 2 });
  hit.on('mouseover', () => seen.setStyle({ weight: 4, opacity: 1 }));
  hit.on('mouseout', () => seen.setStyle({ weight: 2, opacity: 0.75 }));
  return [seen, hit];
}

/**
 * Show a feature: bring it into view and, unless its details stand elsewhere, open its popup.
 * @param {L.Map} map
 * @param {AtlasGroup} group
 * @param {string} id
 * @param {{open?: boolean}} [options]
 */
export function show(map, group, id, { open = true } = {}) {
  const marks = group.marks.get(id);
  if (!marks) return;
  const last = /** @type {any} */ (marks[marks.length - 1]);
  if (!map.hasLayer(group)) map.addLayer(group);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (last.getLatLng) map.setView(last.getLatLng(), Math.max(map.getZoom(), 5), { animate: !still });
  else map.fitBounds(last.getBounds(), { padding: [30, 30], animate: !still });
  if (open) last.openPopup(last.getLatLng ? undefined : last.getBounds().getCenter());
}

/**
 * Dim what is not among the given features; null shows everything alike.
 * @param {AtlasGroup} group
 * @param {Set<string>|null} kept
 * @param {Set<string>} [possible]
 */
export function highlight(group, kept, possible = new Set()) {
  for (const [id, marks] of group.marks) {
    const dim = kept !== null && !kept.has(id);
    for (const mark of /** @type {any[]} */ (marks)) {
      if (mark.getLatLng) {
        mark.setOpacity(dim ? 0.22 : 1);
        mark.getElement()?.classList.toggle('ca-maybe', possible.has(id));
      } else if (mark.options.interactive === false) mark.setStyle({ opacity: dim ? 0.15 : 0.75 });
    }
  }
}
