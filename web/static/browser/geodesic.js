/*! Geodesics by GeographicLib, Copyright (c) 2011-2025 Charles Karney, MIT License, https://geographiclib.sourceforge.io */
/** Measuring on the WGS 84 ellipsoid, as geo/measure.py does: after Karney (2013), doi:10.1007/s00190-012-0578-z. */

import geodesic from "geographiclib-geodesic";

/** @typedef {[number, number]} Position longitude, latitude in degrees */

const WGS84 = geodesic.Geodesic.WGS84;
const RADIANS = Math.PI / 180;
const DENSE_DEG = 0.25;
const SPHERE_KM = 6371;

/** By how much a distance on the sphere may exceed that on the ellipsoid, and more. */
const FLATTER = 0.99;

/** Kilometres: more than a piece of DENSE_DEG is long. */
const PIECE_KM = 60;

/**
 * Return the geodesic distance between places, in km.
 * @param {Position} from
 * @param {Position} to
 */
export function distanceKm([lon, lat], [toLon, toLat]) {
  return /** @type {number} */ (WGS84.Inverse(lat, lon, toLat, toLon, geodesic.Geodesic.DISTANCE).s12) / 1000;
}

/**
 * Tell whether the distance from a place to a line passes a test, where only one of less than `km` can.
 *
 * Planar in an azimuthal equidistant projection about the place. Edges are lines on the longitude–latitude plane (RFC 7946,
 * section 3.1.1), cut to 0.25° before they are projected.
 * @param {Position} place
 * @param {Position[]} line
 * @param {number} km
 * @param {(distance: number) => boolean} passes
 */
export function comesWithin(place, line, km, passes) {
  const project = around(place);
  return pairs(line).some(([start, end]) =>
    pieces(start, end).some(([a, b]) => leastKm(place, a) - PIECE_KM <= km && passes(toOrigin(project(a), project(b)))),
  );
}

/**
 * Return a projection about a place: kilometres east and north.
 * @param {Position} centre
 * @returns {(place: Position) => [number, number]}
 */
function around([lon, lat]) {
  return ([toLon, toLat]) => {
    const { s12, azi1 } = WGS84.Inverse(lat, lon, toLat, toLon, geodesic.Geodesic.DISTANCE | geodesic.Geodesic.AZIMUTH);
    const [km, turn] = [/** @type {number} */ (s12) / 1000, /** @type {number} */ (azi1) * RADIANS];
    return [km * Math.sin(turn), km * Math.cos(turn)];
  };
}

/**
 * Return an edge in pieces of at most 0.25°, as GEOS cuts it.
 * @param {Position} a
 * @param {Position} b
 * @returns {[Position, Position][]}
 */
function pieces(a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy);
  const count = Math.ceil(length / DENSE_DEG);
  if (count <= 1) return [[a, b]];
  const at = (/** @type {number} */ i) => (i * (length / count)) / length;
  const stops = Array.from({ length: count + 1 }, (_, i) => /** @type {Position} */ ([a[0] + at(i) * dx, a[1] + at(i) * dy]));
  stops[count] = b;
  return pairs(stops);
}

/**
 * Return each thing with the one after it.
 * @template T
 * @param {T[]} things
 * @returns {[T, T][]}
 */
export function pairs(things) {
  return things.slice(1).map((thing, i) => [things[i], thing]);
}

/**
 * Return a distance that the true one is never below, in km: quick, on a sphere.
 * @param {Position} a
 * @param {Position} b
 */
function leastKm([lon, lat], [toLon, toLat]) {
  const [south, west] = [Math.sin(((toLat - lat) * RADIANS) / 2), Math.sin(((toLon - lon) * RADIANS) / 2)];
  const half = south * south + Math.cos(lat * RADIANS) * Math.cos(toLat * RADIANS) * west * west;
  return FLATTER * 2 * SPHERE_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

/**
 * Return how far a stretch of the plane is from its origin.
 * @param {[number, number]} a
 * @param {[number, number]} b
 */
function toOrigin([ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length)) : 0;
  return Math.hypot(ax + along * dx, ay + along * dy);
}
