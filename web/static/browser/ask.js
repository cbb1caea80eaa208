/** A question put to one layer of a file, answered as the server answers it: the same ids in the same order. */

import { box, circle } from "./areas.js";
import { matches } from "./filters.js";

/**
 * At most one of region, bbox and near; `region` is an id, `bbox` west, south, east, north, `near` longitude and latitude with
 * `radius` in km. `filter` goes with any of them and with none.
 * @typedef {{
 *   region?: string, bbox?: [number, number, number, number], near?: [number, number], radius?: number,
 *   filter?: import("./filters.js").Filters
 * }} Question
 * @typedef {import("./types.js").Payload} Payload
 * @typedef {import("./types.js").Feature} Feature
 * @typedef {"certain" | "possible"} Sure
 * @typedef {{ids: string[], membership: Sure[]}} Answer `membership` is empty where no part of the Earth was asked for
 */

/**
 * Return the features of a layer that answer a question.
 * @param {Payload} layer
 * @param {Question} question
 * @returns {Answer}
 * @throws {RangeError} if the question is none, in words for the reader
 */
export function ask(layer, question) {
  check(question);
  const { region, bbox, near, radius, filter } = question;
  const area = bbox ? box(bbox) : near ? circle(near, Number(radius)) : null;
  const found = area ? inArea(layer, area) : region === undefined ? null : inRegion(layer, region);
  const rows = found ? [...found.keys()].sort((a, b) => a - b) : layer.features.map((_, row) => row);
  const hits = rows.filter((row) => matches(filter ?? {}, layer.features[row].properties));
  return { ids: hits.map((row) => layer.features[row].id), membership: found ? hits.map((row) => /** @type {Sure} */ (found.get(row))) : [] };
}

/**
 * @param {Payload} layer
 * @param {string} region
 * @returns {Map<number, Sure>} by place in the file's features
 */
function inRegion(layer, region) {
  const [certain, possible] = layer.regions[region]?.members ?? [[], []];
  return new Map([...certain.map((row) => entry(row, false)), ...possible.map((row) => entry(row, true))]);
}

/**
 * Return what lies in an area or meets it. A point is only a possible member where the boundary is nearer than its accuracy.
 * @param {Payload} layer
 * @param {import("./areas.js").Area} area
 * @returns {Map<number, Sure>}
 */
function inArea({ about, features }, area) {
  const points = about.geometry === "point";
  return new Map(
    features.flatMap(({ geometry, properties }, row) => {
      if (!points || geometry.type !== "Point") return area.meets(geometry) ? [entry(row, false)] : [];
      const place = /** @type {[number, number]} */ (geometry.coordinates);
      // An imported layer's places are exact: a column of that name is the file's own, and means what its file means.
      const accuracy = about.imported ? 0 : (properties.accuracy_km ?? 0);
      return area.contains(place) ? [entry(row, accuracy > 0 && area.near(place, accuracy))] : [];
    }),
  );
}

/**
 * @param {number} row
 * @param {boolean} doubt
 * @returns {[number, Sure]}
 */
function entry(row, doubt) {
  return [row, doubt ? "possible" : "certain"];
}

/** Half round the Earth, pole to pole: no two places are farther apart. */
const FARTHEST_KM = 20_003.9315;

/** @param {Question} question */
function check({ region, bbox, near, radius }) {
  if ([region, bbox, near].filter((word) => word !== undefined).length > 1) {
    throw new RangeError("Ask by one of region, box, or place with radius.");
  }
  if (bbox) checkBox(bbox);
  if (near && !(Math.abs(near[0]) <= 180 && Math.abs(near[1]) <= 90)) {
    throw new RangeError(`${near.join(",")} is not a place: write longitude,latitude in degrees.`);
  }
  if (near && !(Number(radius) > 0 && Number(radius) <= FARTHEST_KM)) {
    throw new RangeError(`The radius ${radius} km is out of range: it is more than 0 and at most 20,003 km.`);
  }
}

/** @param {[number, number, number, number]} bbox */
function checkBox([west, south, east, north]) {
  const sides = /** @type {[string, number, number][]} */ ([["West", west, 180], ["South", south, 90], ["East", east, 180], ["North", north, 90]]);
  for (const [side, value, limit] of sides) {
    if (!(Math.abs(value) <= limit)) throw new RangeError(`${side} ${value} is outside ±${limit}. Write degrees, for example 170, 60, -170, 70.`);
  }
  if (south > north) throw new RangeError(`South ${south} is above north ${north}.`);
}
