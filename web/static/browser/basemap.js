/** The base map: land, coast, borders and country names from the shipped boundaries, drawn on one canvas. */

import { el, plain } from "./dom.js";
import { dress, notice } from "./dress.js";
import { FRAME_EAST, FRAME_WEST } from "./frame.js";
import { drawLabels } from "./labels.js";
import { onScheme, token } from "./theme.js";
import { unpack } from "./unpack.js";

/**
 * @typedef {{grid: number, land: string[], borders: string[], disputed: string[], labels: [number, string, number, number][]}} Packed
 * A line in web Mercator, the world being 1 wide, with its box.
 * @typedef {{xy: Float64Array, box: [number, number, number, number]}} Line
 * @typedef {{land: Line[], coast: Line[], borders: Line[], disputed: Line[], labels: import("./labels.js").Label[]}} World
 * What is on the canvas: pixels of the world at a zoom.
 * @typedef {{zoom: number, bounds: L.Bounds}} Drawn
 * @typedef {{canvas: HTMLCanvasElement, overlay: L.SVGOverlay}} Sheet
 */

const MAX_LAT = 85.0511287798;
const PADDING = 0.3; // of the view on each side, so that a drag does not show an edge
const FINEST_STEP = 0.5; // pixels: smaller steps of a line are not drawn
const MIN_WAIT = 70; // milliseconds between two drawings during a movement

/**
 * Return the base map as a layer of the map. One canvas for the view, not tiles: it stays crisp at the fractions of a zoom
 * level and has no seams.
 * @param {Packed | string} data as in geo/data/basemap.json, or that file packed
 * @param {{attribution?: string}} [options]
 * @returns {L.Layer}
 */
export function basemap(data, options = {}) {
  const ground = sheet("tilePane", { attribution: plain(options.attribution) });
  // Names stand above routes, below marks: shadows have that place, and the marks here have none.
  const names = sheet("shadowPane", {});
  const world = typeof data === "string" ? unpack(data).then(read) : Promise.resolve(read(data));
  ground.overlay.on("add", () => begin(ground, names, world)).on("remove", () => names.overlay.remove());
  return ground.overlay;
}

/**
 * Return a canvas that lies in a pane of the map.
 * @param {string} pane
 * @param {{attribution?: string}} options
 * @returns {Sheet}
 */
function sheet(pane, options) {
  const canvas = el("canvas", { class: "ca-basemap", "aria-hidden": "true" });
  // Leaflet moves and scales any element so; its signature knows SVG only.
  const element = /** @type {SVGElement} */ (/** @type {unknown} */ (canvas));
  return { canvas, overlay: L.svgOverlay(element, [[0, 0], [1, 1]], { ...options, pane }) };
}

/**
 * @param {Sheet} ground
 * @param {Sheet} names
 * @param {Promise<World>} coming
 */
async function begin(ground, names, coming) {
  const map = /** @type {L.Map} */ (/** @type {any} */ (ground.overlay)._map);
  dress(map);
  let world;
  try {
    world = await coming;
  } catch (error) {
    notice(map, `The base map could not be drawn: ${/** @type {Error} */ (error).message}`);
    return;
  }
  if (!map.hasLayer(ground.overlay)) return;
  names.overlay.addTo(map);
  keepDrawn(map, ground, names, world);
}

/**
 * Draw now and whenever the view or the theme changes, as long as the layer is on the map.
 * @param {L.Map} map
 * @param {Sheet} ground
 * @param {Sheet} names
 * @param {World} world
 */
function keepDrawn(map, ground, names, world) {
  /** @type {Drawn} */
  let drawn;
  let last = 0;
  const draw = () => {
    drawn = { zoom: map.getZoom(), bounds: wanted(map) };
    last = performance.now();
    paint(ground.canvas, drawn, (pen) => terrain(pen, world, drawn));
    paint(names.canvas, drawn, (pen) => drawLabels(pen, world.labels, drawn));
    place(map, [ground, names], drawn);
  };
  const moved = () => {
    if (performance.now() - last > MIN_WAIT && !covers(map, drawn)) draw();
  };
  const stop = onScheme(draw);
  map.on("moveend resize viewreset", draw).on("move", moved);
  ground.overlay.once("remove", () => {
    map.off("moveend resize viewreset", draw).off("move", moved);
    stop();
  });
  draw();
}

/**
 * Return the pixels to draw: the view with a margin, as far as there is a world.
 * @param {L.Map} map
 */
function wanted(map) {
  const { min, max } = visible(map);
  const margin = map.getSize().multiplyBy(PADDING).round();
  const height = Math.round(worldSize(map.getZoom()));
  const top = Math.min(height - 1, Math.max(0, min.y - margin.y));
  const bottom = Math.max(top + 1, Math.min(height, max.y + margin.y));
  return L.bounds([min.x - margin.x, top], [max.x + margin.x, bottom]);
}

/**
 * @param {L.Map} map
 * @returns {{min: L.Point, max: L.Point}}
 */
function visible(map) {
  const bounds = map.getPixelBounds();
  return { min: /** @type {L.Point} */ (bounds.min).floor(), max: /** @type {L.Point} */ (bounds.max).ceil() };
}

/**
 * Tell whether what is drawn still serves the view.
 * @param {L.Map} map
 * @param {Drawn} drawn
 */
function covers(map, drawn) {
  const scale = map.getZoomScale(drawn.zoom);
  if (scale > 2 || scale < 0.6) return false;
  const { min, max } = visible(map);
  const [west, east] = [drawn.bounds.getTopLeft().x, drawn.bounds.getBottomRight().x];
  const [top, bottom] = [drawn.bounds.getTopLeft().y, drawn.bounds.getBottomRight().y];
  const within = (/** @type {number} */ y) => Math.min(worldSize(map.getZoom()), Math.max(0, y)) * scale;
  return min.x * scale >= west && max.x * scale <= east && within(min.y) >= top - 1 && within(max.y) <= bottom + 1;
}

/**
 * @param {L.Map} map
 * @param {Sheet[]} sheets
 * @param {Drawn} drawn
 */
function place(map, sheets, { zoom, bounds }) {
  const corners = [bounds.getBottomLeft(), bounds.getTopRight()].map((p) => map.unproject(p, zoom));
  for (const { overlay } of sheets) overlay.setBounds(L.latLngBounds(corners[0], corners[1]));
}

/** @param {number} zoom */
function worldSize(zoom) {
  return 256 * 2 ** zoom;
}

// --- drawing

/**
 * Draw on a canvas as large as what is to be seen, in the pixels of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {Drawn} drawn
 * @param {(pen: CanvasRenderingContext2D) => void} draw
 */
function paint(canvas, drawn, draw) {
  const size = drawn.bounds.getSize();
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  canvas.width = Math.round(size.x * ratio);
  canvas.height = Math.round(size.y * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(canvas.width / size.x, canvas.height / size.y);
  pen.lineJoin = "round";
  draw(pen);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {World} world
 * @param {Drawn} drawn
 */
function terrain(pen, world, drawn) {
  graticule(pen, drawn);
  surface(pen, world, drawn);
  edges(pen, world, drawn);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {World} world
 * @param {Drawn} drawn
 */
function surface(pen, world, drawn) {
  pen.strokeStyle = token("--shore");
  pen.lineWidth = 6;
  trace(pen, world.coast, drawn);
  pen.stroke();
  pen.fillStyle = token("--land");
  trace(pen, world.land, drawn);
  pen.fill("evenodd");
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {World} world
 * @param {Drawn} drawn
 */
function edges(pen, world, drawn) {
  const strength = drawn.zoom < 4 ? 0.7 : 1;
  const kinds = /** @type {const} */ ([["borders", "--border", []], ["disputed", "--disputed", [4, 3]], ["coast", "--coast", []]]);
  for (const [kind, colour, dash] of kinds) {
    pen.strokeStyle = token(colour);
    pen.lineWidth = strength;
    pen.setLineDash([...dash]);
    trace(pen, world[kind], drawn);
    pen.stroke();
  }
  pen.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Drawn} drawn
 */
function graticule(pen, { zoom, bounds }) {
  const step = zoom < 4 ? 30 : zoom < 6 ? 10 : zoom < 8 ? 5 : 1;
  const size = worldSize(zoom);
  const { x: left, y: top } = bounds.getTopLeft();
  const { x: width, y: height } = bounds.getSize();
  pen.strokeStyle = token("--graticule");
  pen.lineWidth = 1;
  pen.beginPath();
  for (let lon = FRAME_WEST; lon <= FRAME_EAST; lon += step) {
    const x = Math.round(mercatorX(lon) * size - left) + 0.5;
    if (x >= 0 && x <= width) pen.moveTo(x, 0), pen.lineTo(x, height);
  }
  for (let lat = -80; lat <= 80; lat += Math.min(step, 20)) {
    const y = Math.round(mercatorY(lat) * size - top) + 0.5;
    if (y >= 0 && y <= height) pen.moveTo(0, y), pen.lineTo(width, y);
  }
  pen.stroke();
}

/**
 * Put those lines on the path that the canvas shows.
 * @param {CanvasRenderingContext2D} pen
 * @param {Line[]} lines
 * @param {Drawn} drawn
 */
function trace(pen, lines, { zoom, bounds }) {
  const size = worldSize(zoom);
  const { x: left, y: top } = bounds.getTopLeft();
  const { x: right, y: bottom } = bounds.getBottomRight();
  pen.beginPath();
  for (const { xy, box } of lines) {
    if (box[0] * size > right || box[2] * size < left || box[1] * size > bottom || box[3] * size < top) continue;
    traceLine(pen, xy, size, left, top);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Float64Array} xy
 * @param {number} size
 * @param {number} left
 * @param {number} top
 */
function traceLine(pen, xy, size, left, top) {
  let [lastX, lastY] = [xy[0] * size - left, xy[1] * size - top];
  pen.moveTo(lastX, lastY);
  const end = xy.length - 2;
  for (let i = 2; i <= end; i += 2) {
    const x = xy[i] * size - left;
    const y = xy[i + 1] * size - top;
    if (i < end && Math.abs(x - lastX) < FINEST_STEP && Math.abs(y - lastY) < FINEST_STEP) continue;
    pen.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
}

// --- reading

/**
 * @param {Packed} packed
 * @returns {World}
 */
function read(packed) {
  const rings = packed.land.map(decode);
  const line = (/** @type {number[]} */ points) => project(points, packed.grid);
  return {
    land: rings.map(line),
    coast: rings.flatMap((ring) => shores(ring, packed.grid)).map(line),
    borders: packed.borders.map(decode).map(line),
    disputed: packed.disputed.map(decode).map(line),
    labels: packed.labels
      .map(([minZoom, name, lon, lat]) => ({ minZoom, name, x: mercatorX(lon), y: mercatorY(lat) }))
      .sort((a, b) => a.minZoom - b.minZoom),
  };
}

/**
 * Return the positions of a packed line: deltas, zig-zag, five bits a character (scripts/build_boundaries.py, varint).
 * @param {string} text
 * @returns {number[]} x, y, x, y … on the grid
 */
export function decode(text) {
  /** @type {number[]} */
  const points = [];
  const last = [0, 0];
  let [value, shift] = [0, 0];
  for (let i = 0; i < text.length; i += 1) {
    const bits = text.charCodeAt(i) - 63;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits >= 32) continue;
    const axis = points.length % 2;
    last[axis] += value & 1 ? ~(value >> 1) : value >> 1;
    points.push(last[axis]);
    value = shift = 0;
  }
  return points;
}

/**
 * Return the parts of a ring that are shore: not the cut along the edge of the frame, nor Antarctica's foot at the pole.
 * @param {number[]} ring
 * @param {number} grid
 * @returns {number[][]}
 */
function shores(ring, grid) {
  const parts = [];
  let part = ring.slice(0, 2);
  for (let i = 2; i < ring.length; i += 2) {
    if (isCut(ring[i - 2], ring[i], grid) || (ring[i - 1] <= -89 * grid && ring[i + 1] <= -89 * grid)) {
      parts.push(part);
      part = [];
    }
    part.push(ring[i], ring[i + 1]);
  }
  parts.push(part);
  return parts.filter((p) => p.length > 2);
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} grid
 */
function isCut(from, to, grid) {
  return from === to && (from === FRAME_WEST * grid || from === FRAME_EAST * grid);
}

/**
 * @param {number[]} points
 * @param {number} grid
 * @returns {Line}
 */
function project(points, grid) {
  const xy = new Float64Array(points.length);
  /** @type {Line["box"]} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const x = (xy[i] = mercatorX(points[i] / grid));
    const y = (xy[i + 1] = mercatorY(points[i + 1] / grid));
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { xy, box };
}

/** @param {number} lon */
function mercatorX(lon) {
  return (lon + 180) / 360;
}

/** @param {number} lat */
function mercatorY(lat) {
  const sine = Math.sin((Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}
