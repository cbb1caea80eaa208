/** Stored geometry: its parts, its bounds, and how it is displayed. Plain arrays, nothing of the map. */

import { FRAME_WEST, framed } from "./frame.js";
import { pairs } from "./geodesic.js";

/**
 * @typedef {import("./geodesic.js").Position} Position
 * @typedef {import("./types.js").Stored} Stored
 * @typedef {[number, number, number, number]} Bounds west, south, east, north
 * @typedef {{line: Position[] | null, rings: Position[][]}} Part a line, or a point as a line of one place; or a polygon
 */

/**
 * Return the points, lines and polygons of a geometry.
 * @param {Stored} geometry
 * @returns {Part[]}
 */
export function parts(geometry) {
  const coordinates = /** @type {any} */ (geometry).coordinates;
  const line = (/** @type {Position[]} */ one) => ({ line: one, rings: [] });
  const polygon = (/** @type {Position[][]} */ rings) => ({ line: null, rings });
  switch (geometry.type) {
    case "Point":
      return [line([coordinates])];
    case "MultiPoint":
      return coordinates.map((/** @type {Position} */ place) => line([place]));
    case "LineString":
      return [line(coordinates)];
    case "MultiLineString":
      return coordinates.map(line);
    case "Polygon":
      return [polygon(coordinates)];
    case "MultiPolygon":
      return coordinates.map(polygon);
    default:
      return /** @type {GeoJSON.GeometryCollection} */ (geometry).geometries.flatMap((one) => parts(/** @type {Stored} */ (one)));
  }
}

/**
 * Return the bounds of a geometry; what touches 180° from both sides has west > east, as layers.build writes it.
 * @param {Stored} geometry
 * @returns {Bounds}
 */
export function boundsOf(geometry) {
  const each = parts(geometry).map(({ line, rings }) => extentOf(line ?? rings[0]));
  const whole = extentOf(each.flatMap(([w, s, e, n]) => /** @type {Position[]} */ ([[w, s], [e, n]])));
  if (whole[0] !== -180 || whole[2] !== 180) return whole;
  const wests = each.filter(([west, , east]) => west > 0 || east === 180).map(([west]) => west);
  const easts = each.filter(([west, , east]) => east < 0 || west === -180).map(([, , east]) => east);
  return [Math.min(...wests), whole[1], Math.max(...easts), whole[3]];
}

/**
 * Tell whether bounds meet one of these ordinary boxes.
 * @param {Bounds} bounds
 * @param {Bounds[]} boxes
 */
export function overlap([west, south, east, north], boxes) {
  const beside = (/** @type {number} */ w, /** @type {number} */ e) =>
    west <= east ? west <= e && east >= w : west <= e || east >= w;
  return boxes.some(([w, s, e, n]) => beside(w, e) && south <= n && north >= s);
}

/**
 * Return a stored point or line in the displayed frame: whole across 180°, cut at 30° W.
 * @param {Stored} geometry
 * @returns {GeoJSON.Point | GeoJSON.MultiLineString}
 */
export function displayed(geometry) {
  if (geometry.type === "Point") {
    const [lon, lat] = geometry.coordinates;
    return { type: "Point", coordinates: [framed(lon), lat] };
  }
  const lines = chains(parts(geometry).flatMap(({ line, rings }) => (line ? [line] : rings)));
  // A single place among many is drawn as a line that goes nowhere: a dot.
  const drawn = lines.map((line) => (line.length === 1 ? [line[0], line[0]] : line));
  return { type: "MultiLineString", coordinates: drawn.flatMap((line) => cut(unwrapped(line))) };
}

/**
 * @param {Position[]} places
 * @returns {Bounds}
 */
function extentOf(places) {
  const [lon, lat] = [places.map(([x]) => x), places.map(([, y]) => y)];
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}

/**
 * Return lines, those joined that meet again on the other side of the antimeridian.
 * @param {Position[][]} lines
 */
function chains(lines) {
  /** @type {Position[][]} */
  const found = [];
  for (const line of lines) {
    const last = found.at(-1)?.at(-1);
    if (last && last[1] === line[0][1] && (last[0] - line[0][0]) % 360 === 0) found[found.length - 1].push(...line.slice(1));
    else found.push([...line]);
  }
  return found;
}

/**
 * Return a line with continuous longitudes: no step of more than 180°.
 * @param {Position[]} line
 * @returns {Position[]}
 */
function unwrapped(line) {
  let turn = 0;
  return line.map(([lon, lat], i) => {
    const step = i ? lon - line[i - 1][0] : 0;
    if (Math.abs(step) > 180) turn -= 360 * Math.sign(step);
    return [lon + turn, lat];
  });
}

/**
 * Return a continuous line cut wherever it passes the edge of the frame, each part moved into the frame.
 * @param {Position[]} line
 */
function cut(line) {
  /** @type {Position[][]} */
  const found = [];
  for (const [start, end] of pairs(line)) {
    for (const [a, b] of pairs([start, ...stops(start, end), end])) {
      const turn = 360 * Math.floor(((a[0] + b[0]) / 2 - FRAME_WEST) / 360);
      const [here, there] = /** @type {[Position, Position]} */ ([[a[0] - turn, a[1]], [b[0] - turn, b[1]]]);
      const last = found.at(-1)?.at(-1);
      if (last && last[0] === here[0] && last[1] === here[1]) found[found.length - 1].push(there);
      else found.push([here, there]);
    }
  }
  return found;
}

/**
 * Return where an edge passes the edge of the frame, in the order in which it does.
 * @param {Position} a
 * @param {Position} b
 * @returns {Position[]}
 */
function stops(a, b) {
  const [low, high] = a[0] < b[0] ? [a[0], b[0]] : [b[0], a[0]];
  const seams = [];
  for (let x = FRAME_WEST + 360 * Math.ceil((low - FRAME_WEST) / 360); x < high; x += 360) if (x > low) seams.push(x);
  const along = seams.map((x) => (x - a[0]) / (b[0] - a[0])).sort((s, t) => s - t);
  return along.map((t) => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
}
