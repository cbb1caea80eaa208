/** Geometries as well-known text, as Shapely writes them. */

/** @typedef {(number | Nested)[]} Nested positions in as many brackets as their kind of geometry has */

/**
 * Return a geometry of GeoJSON as well-known text.
 * @param {GeoJSON.Geometry} geometry
 * @returns {string}
 */
export function wkt(geometry) {
  if (geometry.type === "GeometryCollection") return `GEOMETRYCOLLECTION ${listed(geometry.geometries.map(wkt))}`;
  const name = geometry.type.toUpperCase();
  const coordinates = /** @type {Nested} */ (geometry.coordinates);
  if (!coordinates.length) return `${name} EMPTY`;
  const high = dimensions(coordinates) > 2 ? " Z" : "";
  if (geometry.type === "Point") return `${name}${high} (${nested(coordinates)})`;
  if (geometry.type !== "MultiPoint") return `${name}${high} ${nested(coordinates)}`;
  // Unlike those of a line, the positions of a MultiPoint stand each in brackets of its own.
  return `${name}${high} ${listed(geometry.coordinates.map((one) => `(${nested(one)})`))}`;
}

/**
 * @param {Nested} coordinates
 * @returns {string}
 */
function nested(coordinates) {
  if (typeof coordinates[0] === "number") return coordinates.join(" ");
  return listed(/** @type {Nested[]} */ (coordinates).map(nested));
}

/**
 * @param {Nested} coordinates
 * @returns {number}
 */
function dimensions(coordinates) {
  return typeof coordinates[0] === "number" ? coordinates.length : dimensions(/** @type {Nested} */ (coordinates[0]));
}

/** @param {string[]} parts */
function listed(parts) {
  return parts.length ? `(${parts.join(", ")})` : "EMPTY";
}
