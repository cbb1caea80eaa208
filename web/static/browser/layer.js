/** A layer of the atlas on the map, and the way from a group that Folium's script holds to what is in it. */

import { attend } from "./attend.js";
import { DEEPEST_LAT, dress, notice } from "./dress.js";
import { drawLine, drawPoint, fanOut, nameTag } from "./drawn.js";
import { card } from "./popup.js";
import { displayed } from "./shapes.js";
import { keepTags } from "./tags.js";
import { unpack } from "./unpack.js";

/**
 * @typedef {import("./types.js").Handle} Handle
 * @typedef {import("./types.js").Payload} Payload
 * A layer as it lies on the map: what it holds once `ready`, and what is drawn for each feature.
 * @typedef {L.FeatureGroup & {ready: Promise<Atlas>, data?: Payload, marks: Map<string, Handle["drawn"][]>}} AtlasGroup
 * @typedef {{group: AtlasGroup, context: import("./types.js").Context, handles: Map<string, Handle>}} Atlas
 */

const CONTROLS = 50; // pixels that a field or button takes at the top
const ASIDE = 24; // pixels between a popup and what is listed beside it
const OPEN_ASIDE = ".ca-legend:has(.ca-layers:not([hidden])), .ca-voyages:has(.ca-voyages-body:not([hidden]))";
const WIDEST = 380; // pixels of a popup with its edges

/** Of each map, the layers that are shown, and what to do when they change. @type {WeakMap<L.Map, {all: Set<Atlas>, arrange: () => void}>} */
const shown = new WeakMap();

/**
 * Return a layer as a group: at once, filled as soon as it is unpacked; it then fires `ready`.
 * @param {string | Payload} packed
 * @returns {AtlasGroup}
 */
export function layer(packed) {
  const empty = Object.assign(L.featureGroup(), { marks: new Map() });
  const coming = Promise.resolve(typeof packed === "string" ? unpack(packed) : packed);
  const group = /** @type {AtlasGroup} */ (empty);
  group.ready = coming.then((payload) => fill(group, payload));
  group.ready.then(() => group.fire("ready"), (error) => fail(group, error));
  return group;
}

/**
 * Return what these groups hold, once all are filled; one that failed, or that is no layer of ours, is left out.
 * @param {L.FeatureGroup[]} groups
 * @returns {Promise<Atlas[]>}
 */
export async function contents(groups) {
  const coming = groups.map((group) => /** @type {AtlasGroup} */ (group).ready ?? Promise.reject(new Error("not ours")));
  const done = await Promise.allSettled(coming);
  return done.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/**
 * @param {AtlasGroup} group
 * @param {Payload} payload
 * @returns {Atlas}
 */
function fill(group, payload) {
  const { features, ...context } = payload;
  /** @type {Map<string, Handle>} */
  const handles = new Map();
  for (const stored of features) {
    const { type, id, geometry, properties, card: told } = stored;
    const feature = { type, id, geometry: displayed(geometry), properties: told ?? properties };
    const handle = open(feature, context);
    handles.set(handle.key, handle);
    group.marks.set(feature.id, [handle.drawn]);
    handle.drawn.addTo(group);
  }
  group.data = payload;
  const atlas = { group, context, handles };
  group.on("add", () => enter(atlas)).on("remove", () => leave(atlas));
  if (mapOf(group)) enter(atlas);
  return atlas;
}

/**
 * @param {import("./types.js").Feature} feature
 * @param {import("./types.js").Context} context
 * @returns {Handle}
 */
function open(feature, context) {
  const isPoint = feature.geometry.type === "Point";
  const drawn = isPoint ? drawPoint({ feature, context }) : drawLine({ feature, context });
  /** @type {Handle} */
  const handle = { key: `${context.about.id}/${feature.id}`, feature, context, drawn };
  drawn.bindTooltip(() => nameTag(handle), { className: "ca-tip", sticky: !isPoint, direction: "top", offset: [0, -8] });
  setCard(handle, () => card(handle));
  Object.assign(drawn, { corridor: handle });
  return handle;
}

/**
 * Give a feature a popup with what this makes, once, when it is first opened.
 * @param {Handle} handle
 * @param {() => HTMLElement} make
 */
export function setCard(handle, make) {
  const { drawn } = handle;
  const content = () => {
    const popup = /** @type {L.Popup} */ (drawn.getPopup());
    makeRoom(/** @type {any} */ (popup)._map, popup);
    return (handle.node ??= make());
  };
  handle.node = undefined;
  drawn.unbindPopup().bindPopup(content, { minWidth: 260, maxWidth: 340, autoPanPadding: [14, 14] });
}

/**
 * Let a popup be no taller than the map can be moved down, for nothing is north of its frame, and keep it clear of the
 * search field and the questions above and, where there is room, of the layers or ways beside.
 * @param {L.Map} map
 * @param {L.Popup} popup
 */
function makeRoom(map, popup) {
  const at = /** @type {L.LatLng} */ (popup.getLatLng());
  const { x: width, y: height } = map.getSize();
  const controls = CONTROLS * map.getContainer().querySelectorAll(".ca-search, .ca-ask").length;
  const aside = /** @type {HTMLElement | null} */ (map.getContainer().querySelector(OPEN_ASIDE));
  const beside = aside && width > aside.offsetWidth + WIDEST + 2 * ASIDE ? aside.offsetWidth + ASIDE : 14;
  const top = map.latLngToContainerPoint([DEEPEST_LAT, at.lng]).y;
  const above = map.latLngToContainerPoint(at).y - Math.min(0, top) - 40 - controls;
  const most = Math.min(430, height - 66 - controls, Math.max(130, above));
  popup.options.autoPanPaddingTopLeft = [14, 14 + controls];
  popup.options.autoPanPaddingBottomRight = [beside, 14];
  map.getContainer().style.setProperty("--popup-h", `${Math.round(most)}px`);
}

/**
 * Return the feature that a popup belongs to.
 * @param {L.Popup} popup
 * @returns {Handle | undefined}
 */
export function handleOf(popup) {
  const source = /** @type {any} */ (popup)._source;
  if (!source) return undefined;
  const parents = Object.values(source._eventParents ?? {});
  return source.corridor ?? /** @type {any[]} */ (parents).find((parent) => parent.corridor)?.corridor;
}

/** @param {Atlas} atlas */
function enter(atlas) {
  const map = /** @type {L.Map} */ (mapOf(atlas.group));
  const { all, arrange } = shown.get(map) ?? begin(map);
  all.add(atlas);
  arrange();
}

/** @param {Atlas} atlas */
function leave(atlas) {
  const map = mapOf(atlas.group);
  const known = map && shown.get(map);
  known?.all.delete(atlas);
  known?.arrange();
}

/** @param {L.Map} map */
function begin(map) {
  dress(map);
  attend(map);
  /** @type {Set<Atlas>} */
  const all = new Set();
  const tag = keepTags(map, all);
  const arrange = () => {
    fanOut([...all].flatMap((atlas) => [...atlas.handles.values()]));
    reachInView(map, all);
    tag();
  };
  map.on("moveend", () => reachInView(map, all)).on("restate", tag);
  shown.set(map, { all, arrange });
  return { all, arrange };
}

/**
 * Let the tab key stop at marks in view only: at others it would move the map along a path that nobody asked for.
 * @param {L.Map} map
 * @param {Set<Atlas>} all
 */
function reachInView(map, all) {
  const view = map.getBounds();
  for (const atlas of all) {
    for (const { drawn } of atlas.handles.values()) {
      if (!(drawn instanceof L.Marker)) continue;
      drawn.getElement()?.setAttribute("tabindex", view.contains(drawn.getLatLng()) ? "0" : "-1");
    }
  }
}

/**
 * @param {L.FeatureGroup} group
 * @param {Error} error
 */
function fail(group, error) {
  const map = mapOf(group);
  if (map) notice(map, `A layer could not be opened: ${error.message}`);
  group.fire("failed", { message: error.message });
}

/**
 * @param {L.FeatureGroup} group
 * @returns {L.Map | undefined}
 */
function mapOf(group) {
  return /** @type {any} */ (group)._map ?? /** @type {any} */ (group)._mapToAdd;
}
