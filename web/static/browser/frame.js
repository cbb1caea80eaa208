/** The displayed frame, [-30°, 330°): Chukotka, the Bering Sea and the Northern Sea Route are whole in it. */

export const FRAME_WEST = -30;
export const FRAME_EAST = 330;
const EARTH_KM = 6371.0088;
const RADIANS = Math.PI / 180;

/**
 * Return a longitude in the frame.
 * @param {number} lon
 */
export function framed(lon) {
  return lon < FRAME_WEST ? lon + 360 : lon >= FRAME_EAST ? lon - 360 : lon;
}

/**
 * Return a longitude in [-180, 180].
 * @param {number} lon
 */
export function geographic(lon) {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon;
}

/**
 * Return displayed bounds as the server's `west,south,east,north`; west exceeds east across 180°.
 * @param {L.LatLngBounds} bounds
 */
export function boxWords(bounds) {
  const west = Math.max(FRAME_WEST, bounds.getWest());
  const east = Math.min(FRAME_EAST, bounds.getEast());
  const [south, north] = [Math.max(-90, bounds.getSouth()), Math.min(90, bounds.getNorth())];
  // The whole frame: its two edges are the same meridian.
  const ends = east - west >= 359.99 ? [-180, 180] : [geographic(west), geographic(east)];
  return [ends[0], south, ends[1], north].map((n) => String(Number(n.toFixed(2)))).join(",");
}

/**
 * Return the displayed bounds of `west,south,east,north`, or null where the words are no box. A box that crosses the edge of
 * the frame is shown by its part east of 30° W.
 * @param {string} words
 */
export function boxBounds(words) {
  const numbers = words.split(",").map(Number);
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) return null;
  const [west, south, east, north] = numbers;
  if (west === -180 && east === 180) return L.latLngBounds([south, FRAME_WEST], [north, FRAME_EAST]);
  const [left, right] = [framed(west), framed(east)];
  return L.latLngBounds([south, left < right ? left : FRAME_WEST], [north, right]);
}

/**
 * Return a circle on the sphere as displayed positions: for drawing only, what lies within it is answered geodesically by
 * the server.
 * @param {L.LatLng} centre
 * @param {number} radiusKm
 * @returns {L.LatLng[]}
 */
export function circleLine(centre, radiusKm) {
  const turns = Array.from({ length: 181 }, (_, i) => 2 * i);
  return turns.map((bearing) => destination(centre, radiusKm, bearing));
}

/**
 * @param {L.LatLng} from
 * @param {number} km
 * @param {number} bearing in degrees
 */
function destination(from, km, bearing) {
  const [lat, turn, angle] = [from.lat * RADIANS, bearing * RADIANS, km / EARTH_KM];
  const there = Math.asin(Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(turn));
  const east = Math.sin(turn) * Math.sin(angle) * Math.cos(lat);
  const along = Math.atan2(east, Math.cos(angle) - Math.sin(lat) * Math.sin(there));
  return L.latLng(there / RADIANS, from.lng + along / RADIANS);
}
