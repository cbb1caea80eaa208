/** Ways by sea on the map, as /routes answers them: the chosen one strong, the others lighter, each with its number. */

import { el } from "./dom.js";
import { displayed } from "./shapes.js";

/**
 * @typedef {{passage: string, name: string, at_km: number | null, at_nm: number | null}} Passed
 * @typedef {{passage: string, name: string, by: "asked" | "assumed", reason: string, sources: string[]}} Closed
 * @typedef {{
 *   trade_route: string, trade_route_name: string | null, field: string, value: number, unit: string, category: string, as_of: string,
 *   source: string, note: string, computed: number | null, difference_pct: number | null, said: string
 * }} Beside a published value beside the computed one
 * @typedef {{ship: string, year: number, ttw_kg_per_t: number | null, wtw_kg_per_t: number | null, note: string, sources: string[]}} Emitted
 * @typedef {{
 *   mode: string, from: string, to: string, length_km: number, days: number | null, access_km?: number[],
 *   length_source?: string | null, sources?: string[], note?: string
 * }} Hop a leg of a way
 * @typedef {{
 *   from: string, to: string, from_id: string | null, to_id: string | null, length_nm: number, length_km: number, days: number,
 *   speed_kn: number, date: string | null, season: string | null, ice_class: string | null, draught_m: number | null,
 *   passages: string[], passed: Passed[], avoided: string[], legs: Hop[], claims: Beside[], emissions: Emitted[]
 * }} Journey
 * @typedef {{
 *   length_nm: number, length_km: number, days: number, passages: string[], extra_nm: number | null, extra_km: number | null,
 *   extra_days: number | null
 * }} Unclosed the best way if nothing that was asked were closed or avoided
 * @typedef {{
 *   id: string, name: string, length_km: number, length_nm: number, days: number | null, modes: string[], passages: string[],
 *   legs: Hop[], emissions?: Emitted[], claims?: Beside[], notes?: string[]
 * }} Corridor a way with legs on land
 * @typedef {{
 *   type: "FeatureCollection",
 *   features: {type: "Feature", id: string, geometry: GeoJSON.MultiLineString, properties: Journey}[],
 *   reason?: string, closed: Closed[], assumptions: string[], release: string, sources: Record<string, import("./types.js").Source>,
 *   unclosed?: Unclosed | null, corridors?: Corridor[], notes?: string[], links?: {rel: string, href: string, type: string, title: string}[]
 * }} Collection the answer of /routes
 *
 * One way as it is drawn: its lines on the map, and where there are several a button with its number and the places along it
 * where that may stand, the best first.
 * @typedef {{number: number, lines: L.Polyline[], badge: L.Marker | null, places: L.LatLng[]}} Drawn
 * @typedef {L.FeatureGroup & {chosen: number, choose: (number: number) => void}} Ways
 */

const PANE = "ca-ways";
const ABOVE_LAYERS = "450"; // between Leaflet's lines (400) and its shadows (500)
const SAMPLES = 90; // places along a way at which it is compared with the others
const BADGE = 26; // pixels
const PLANE = 4; // zoom at which places are compared
const CLEAR = 24; // pixels between the middle of a number and any mark
const DISTINCT = 0.3; // of the largest distance from other ways: a place nearer to them does not tell which way is meant

/**
 * Return the ways of an answer as a group. Its `choose` makes another way the strong one; a press on a way tells `choose` of the
 * options its number, from 1, and leaves the rest to it; without it the way that was pressed becomes the strong one.
 * @param {Collection} collection
 * @param {{choose?: (number: number) => void, chosen?: number}} [options]
 * @returns {Ways}
 */
export function ways({ features }, { choose, chosen = 1 } = {}) {
  const group = /** @type {Ways} */ (Object.assign(L.featureGroup(), { chosen: 0, choose: () => undefined }));
  const pressed = choose ?? ((number) => group.choose(number));
  const shown = features.map(({ geometry }) => /** @type {GeoJSON.MultiLineString} */ (displayed(geometry)).coordinates.map(positions));
  const drawn = features.map(({ properties }, index) => draw(properties, { index, shown, pressed }));
  const marks = features.length ? ends(features[0].properties, shown[0]) : [];
  group.choose = (number) => {
    group.chosen = number;
    for (const way of drawn) emphasise(way, way.number === number);
    for (const mark of marks) mark.bringToFront();
  };
  const arrange = () => placeBadges(drawn, mapOf(group));
  group.onAdd = (map) => {
    if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = ABOVE_LAYERS;
    L.FeatureGroup.prototype.onAdd.call(group, map);
    group.choose(group.chosen || chosen);
    map.on("zoomend", arrange);
    arrange();
    return group;
  };
  group.onRemove = (map) => {
    map.off("zoomend", arrange);
    L.FeatureGroup.prototype.onRemove.call(group, map);
    return group;
  };
  const layers = [...drawn.flatMap(({ lines, badge }) => [...lines, badge]), ...marks];
  for (const one of layers) if (one) group.addLayer(one);
  return group;
}

/**
 * Return what a way is called in a few words.
 * @param {Journey} journey
 * @param {number} number
 * @param {number} count of ways
 */
export function wayTitle({ length_nm: nm, days }, number, count) {
  const name = count === 1 ? "The way" : `Way ${number}${number === 1 ? ", the shortest" : ""}`;
  return `${name}: ${grouped(nm)} nm, ${days.toFixed(1)} days`;
}

/**
 * Return a number of at most so many decimals, in groups of three.
 * @param {number} number
 * @param {number} [decimals]
 */
export function grouped(number, decimals = 0) {
  return number.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/**
 * @param {Journey} journey
 * @param {{index: number, shown: L.LatLng[][][], pressed: (number: number) => void}} among
 * @returns {Drawn}
 */
function draw(journey, { index, shown, pressed }) {
  const [number, parts, several] = [index + 1, shown[index], shown.length > 1];
  const line = (/** @type {L.PolylineOptions} */ look) => L.polyline(parts, { pane: PANE, interactive: false, ...look });
  const target = line({ className: "ca-target", weight: 18, opacity: 0, interactive: true });
  const title = wayTitle(journey, number, shown.length);
  target.bindTooltip(title, { className: "ca-tip", sticky: true, direction: "top", offset: [0, -8] }).on("click", () => pressed(number));
  const places = several ? distinctPlaces(shown, index) : [];
  const badge = several ? numbered(number, title, places[0]).on("click", () => pressed(number)) : null;
  return { number, lines: [line({ className: "ca-way-halo" }), line({ className: "ca-way" }), target], badge, places };
}

/** @param {GeoJSON.Position[]} part */
function positions(part) {
  return part.map(([lon, lat]) => L.latLng(lat, lon));
}

/**
 * @param {number} number
 * @param {string} title
 * @param {L.LatLng} place
 */
function numbered(number, title, place) {
  const html = el("span", {}, String(number));
  const icon = L.divIcon({ html, className: "ca-way-number", iconSize: [BADGE, BADGE] });
  const badge = L.marker(place, { icon, riseOnHover: true, zIndexOffset: 1500 });
  badge.bindTooltip(title, { className: "ca-tip", direction: "top", offset: [0, -12] });
  return badge.on("add", () => {
    const box = badge.getElement();
    box?.setAttribute("aria-label", title);
    box?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      badge.fire("click");
    });
  });
}

/**
 * Return the marks of the two ends, the start hollow.
 * @param {Journey} journey
 * @param {L.LatLng[][]} parts
 */
function ends({ from, to }, parts) {
  const first = parts[0][0];
  const last = parts[parts.length - 1];
  return [["From", from, first], ["To", to, last[last.length - 1]]].map(([word, name, place]) =>
    L.circleMarker(/** @type {L.LatLng} */ (place), { pane: PANE, radius: 7, weight: 3.5, className: `ca-way-end ca-way-${String(word).toLowerCase()}` }).bindTooltip(
      `${word} ${name}`,
      { className: "ca-tip", direction: "top", offset: [0, -8] },
    ),
  );
}

/**
 * @param {Drawn} way
 * @param {boolean} strong
 */
function emphasise({ lines, badge }, strong) {
  const [halo, line, target] = lines;
  halo.setStyle({ weight: strong ? 9 : 6 });
  line.setStyle({ weight: strong ? 5 : 3 });
  for (const one of [halo, line]) one.getElement()?.classList.toggle("ca-strong", strong);
  badge?.getElement()?.classList.toggle("ca-strong", strong);
  badge?.getElement()?.setAttribute("aria-pressed", String(strong));
  if (strong) for (const one of [halo, line, target]) one.bringToFront();
}

/**
 * Put each number where it hides no mark of the map and no other number.
 * @param {Drawn[]} drawn
 * @param {L.Map | undefined} map
 */
function placeBadges(drawn, map) {
  if (!map) return;
  const badges = drawn.map(({ badge }) => badge);
  /** @type {L.Point[]} */
  const taken = [];
  map.eachLayer((one) => {
    if (one instanceof L.Marker && !badges.includes(one)) taken.push(map.latLngToLayerPoint(one.getLatLng()));
  });
  for (const { badge, places } of drawn) {
    const isFree = (/** @type {L.LatLng} */ place) => taken.every((other) => other.distanceTo(map.latLngToLayerPoint(place)) > CLEAR);
    const place = places.find(isFree) ?? places[0];
    if (!badge || !place) continue;
    badge.setLatLng(place);
    taken.push(map.latLngToLayerPoint(place));
  }
}

/**
 * @param {L.FeatureGroup} group
 * @returns {L.Map | undefined}
 */
function mapOf(group) {
  return /** @type {any} */ (group)._map;
}

/**
 * Return places of a way far from all the others, so that its number says which it is, the farthest first.
 * @param {L.LatLng[][][]} shown
 * @param {number} index
 */
function distinctPlaces(shown, index) {
  const sampled = shown.map(samples);
  const others = sampled.filter((_, i) => i !== index).flat();
  const apart = (/** @type {L.Point} */ point) => Math.min(...others.map((other) => point.distanceTo(other)));
  const scored = sampled[index].map((point, i) => ({ point, score: apart(point) * (1 - Math.abs(i / SAMPLES - 0.5) / 2) }));
  scored.sort((a, b) => b.score - a.score);
  const good = scored.filter(({ score }) => score >= DISTINCT * scored[0].score);
  return good.map(({ point }) => L.CRS.EPSG3857.pointToLatLng(point, PLANE));
}

/**
 * Return places along lines at equal distances on the map.
 * @param {L.LatLng[][]} parts
 * @returns {L.Point[]}
 */
function samples(parts) {
  const edges = parts.flatMap((part) => {
    const points = part.map((place) => L.CRS.EPSG3857.latLngToPoint(place, PLANE));
    return points.slice(1).map((to, i) => ({ from: points[i], to, length: points[i].distanceTo(to) }));
  });
  const step = edges.reduce((sum, { length }) => sum + length, 0) / SAMPLES;
  const found = [];
  let next = step / 2;
  for (const { from, to, length } of edges) {
    for (; next <= length && length > 0; next += step) found.push(from.add(to.subtract(from).multiplyBy(next / length)));
    next -= length;
  }
  return found.length ? found : [edges[0].from];
}
