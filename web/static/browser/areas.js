/**
 * Where somebody can ask: a box or a circle, with the rules of geo/areas.py, so that a file answers as the server does.
 *
 * A point lies within; a line or polygon intersects.
 */

import { comesWithin, distanceKm, pairs } from "./geodesic.js";
import { boundsOf, overlap, parts } from "./shapes.js";

/**
 * @typedef {import("./geodesic.js").Position} Position
 * @typedef {import("./shapes.js").Bounds} Bounds
 * @typedef {import("./types.js").Stored} Stored
 * @typedef {{
 *   contains: (place: Position) => boolean, meets: (geometry: Stored) => boolean,
 *   near: (place: Position, km: number) => boolean
 * }} Area `near` tells whether a place inside lies less than so many km from the area's boundary
 */

const SHORTEST_DEGREE_KM = 110.57;
const RADIANS = Math.PI / 180;

/**
 * Return a box; west > east crosses 180°.
 * @param {Bounds} bounds west, south, east, north
 * @returns {Area}
 */
export function box([west, south, east, north]) {
  /** @type {Bounds[]} */
  const halves = west <= east ? [[west, south, east, north]] : [[west, south, 180, north], [-180, south, east, north]];
  const edges = edgesOf([west, south, east, north], halves);
  const flat = west === east || south === north;
  const between = (/** @type {number} */ lon) =>
    (lon >= west && lon <= east) || (west === -180 && lon === 180) || (east === 180 && lon === -180);
  return {
    // The poles and ±180° are one place each, whatever longitude they are written with.
    contains: ([lon, lat]) =>
      ((west > east ? lon >= west || lon <= east : between(lon)) || Math.abs(lat) === 90) && lat >= south && lat <= north,
    meets: (geometry) => parts(geometry).some((part) => halves.some((half) => inBox(part, half))),
    near: (place, km) => flat || edges.some((edge) => comesWithin(place, edge, km, (away) => away < km)),
  };
}

/**
 * Return all places within a geodesic radius of a centre.
 * @param {Position} centre
 * @param {number} radiusKm
 * @returns {Area}
 */
export function circle(centre, radiusKm) {
  const cover = coverOf(centre, radiusKm);
  return {
    contains: (place) => distanceKm(centre, place) <= radiusKm,
    meets: (geometry) =>
      overlap(boundsOf(geometry), cover) && parts(geometry).some((part) => inCircle(part, centre, radiusKm)),
    near: (place, km) => radiusKm - distanceKm(centre, place) < km,
  };
}

/**
 * Return the edges of a box where something lies beyond: neither poles nor the seam of a whole turn.
 * @param {Bounds} bounds
 * @param {Bounds[]} halves
 * @returns {Position[][]}
 */
function edgesOf([west, south, east, north], halves) {
  const parallels = halves.flatMap(([w, , e]) => [south, north].filter((lat) => Math.abs(lat) < 90).map((lat) => [[w, lat], [e, lat]]));
  const meridians = west === -180 && east === 180 ? [] : [west, east].map((lon) => [[lon, south], [lon, north]]);
  const lines = /** @type {[Position, Position][]} */ ([...parallels, ...meridians]);
  return lines.filter(([a, b]) => a[0] !== b[0] || a[1] !== b[1]);
}

/**
 * @param {import("./shapes.js").Part} part
 * @param {Bounds} half
 */
function inBox({ line, rings }, half) {
  const lines = line ? [line] : rings;
  if (lines.some((one) => one.some((place) => holds(half, place)))) return true;
  if (lines.some((one) => pairs(one).some(([a, b]) => crosses(half, a, b)))) return true;
  return isInside([half[0], half[1]], rings);
}

/**
 * @param {import("./shapes.js").Part} part
 * @param {Position} centre
 * @param {number} radiusKm
 */
function inCircle({ line, rings }, centre, radiusKm) {
  if (line?.length === 1) return distanceKm(centre, line[0]) <= radiusKm;
  const within = (/** @type {Position[]} */ one) => comesWithin(centre, one, radiusKm, (away) => away <= radiusKm);
  return (line ? [line] : rings).some(within) || isInside(centre, rings);
}

/**
 * @param {Bounds} bounds
 * @param {Position} place
 */
function holds([west, south, east, north], [lon, lat]) {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

/**
 * Tell whether an edge with both ends outside passes through a box.
 * @param {Bounds} bounds
 * @param {Position} a
 * @param {Position} b
 */
function crosses([west, south, east, north], a, b) {
  if (Math.max(a[0], b[0]) < west || Math.min(a[0], b[0]) > east) return false;
  if (Math.max(a[1], b[1]) < south || Math.min(a[1], b[1]) > north) return false;
  const corners = [[west, south], [east, south], [east, north], [west, north]];
  const sides = corners.map(([x, y]) => (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]));
  return Math.min(...sides) <= 0 && Math.max(...sides) >= 0;
}

/**
 * Tell whether a place lies inside rings of which those within others are holes.
 * @param {[number, number]} place
 * @param {[number, number][][]} rings
 */
function isInside([x, y], rings) {
  const over = rings.flatMap((ring) =>
    pairs(ring).filter(([a, b]) => a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])),
  );
  return over.length % 2 === 1;
}

/**
 * Return boxes round a circle, a little larger than it, as geo.areas.Circle.cover does.
 * @param {Position} centre
 * @param {number} radiusKm
 * @returns {Bounds[]}
 */
function coverOf([lon, lat], radiusKm) {
  const reach = radiusKm / SHORTEST_DEGREE_KM;
  const [south, north] = [lat - reach, lat + reach];
  if (south <= -90 || north >= 90) return [[-180, Math.max(south, -90), 180, Math.min(north, 90)]];
  const wide = (Math.asin(Math.min(1, Math.sin(reach * RADIANS) / Math.cos(lat * RADIANS))) / RADIANS) * 1.01;
  const [west, east] = [lon - wide, lon + wide];
  if (east - west >= 360) return [[-180, south, 180, north]];
  /** @type {Bounds[]} */
  const boxes = [[Math.max(west, -180), south, Math.min(east, 180), north]];
  if (west <= -180) boxes.push([west + 360, south, 180, north]);
  else if (east >= 180) boxes.push([-180, south, east - 360, north]);
  return boxes;
}
