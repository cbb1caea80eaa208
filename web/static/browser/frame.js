/** The display frame [-30°, 330°): Chukotka whole, cut at 30° W. Leaflet gets frame longitudes, the server ordinary ones. */

export const WEST = -30;

/** @param {number} lon */
export const toFrame = (lon) => (lon < WEST ? lon + 360 : lon);

/** @param {number} lon */
export const fromFrame = (lon) => (lon > 180 ? lon - 360 : lon);

/**
 * Return a box of the map as west,south,east,north; west > east crosses 180°.
 * @param {L.LatLngBounds} bounds
 * @returns {string}
 */
export function boxText(bounds) {
  const clip = (/** @type {number} */ lon) => Math.min(Math.max(lon, WEST), WEST + 360);
  const west = clip(bounds.getWest());
  const east = clip(bounds.getEast());
  const whole = east - west >= 360;
  const sides = whole ? [-180, bounds.getSouth(), 180, bounds.getNorth()] : [fromFrame(west), bounds.getSouth(), fromFrame(east), bounds.getNorth()];
  return sides.map((side, i) => Math.round(Math.max(i % 2 ? -90 : -180, Math.min(i % 2 ? 90 : 180, side)) * 1000) / 1000).join(',');
}

/**
 * Return the corners of a box for Leaflet.
 * @param {string} text
 * @returns {[[number, number], [number, number]]}
 */
export function boxCorners(text) {
  const [west, south, east, north] = text.split(',').map(Number);
  const left = toFrame(west);
  const right = toFrame(east);
  return [
    [south, left],
    [north, right < left ? right + 360 : right],
  ];
}
