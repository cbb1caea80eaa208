/** Land, borders and names from packed lines in the display frame, drawn on canvas tiles. Nothing is fetched. */

import { unpack } from './unpack.js';
import { colour, onTheme } from './theme.js';

/**
 * @typedef {{xy: Float64Array, box: [number, number, number, number]}} Line in world units of 0 to 1 for 360°
 * @typedef {{grid: number, land: string[], borders: string[], disputed: string[], labels: [number, string, number, number][]}} Packed
 */

const MAX_LAT = 85.0511;

/**
 * Return the base map as a layer; it draws itself once it is unpacked.
 * @param {string} packed
 * @param {{attribution: string}} options
 */
export function basemap(packed, options) {
  const layer = new /** @type {any} */ (CanvasMap)({ tileSize: 512, keepBuffer: 1, updateWhenZooming: false, pane: 'tilePane' });
  layer.getAttribution = () => options.attribution;
  const ready = unpack(packed).then((/** @type {Packed} */ data) => layer.take(data));
  onTheme(() => ready.then(() => layer.redraw()));
  return layer;
}

const CanvasMap = L.GridLayer.extend({
  /** @param {Packed} data */
  take(data) {
    this._lines = {
      land: data.land.map((text) => decode(text, data.grid)),
      borders: data.borders.map((text) => decode(text, data.grid)),
      disputed: data.disputed.map((text) => decode(text, data.grid)),
    };
    this._labels = data.labels;
    this.redraw();
    if (this._map) this._nameCountries();
  },

  /** @param {L.Map} map */
  onAdd(map) {
    L.GridLayer.prototype.onAdd.call(this, map);
    // The map takes no side: Leaflet is credited by its name, without the flag of its default.
    map.attributionControl?.setPrefix('<a href="https://leafletjs.com" rel="noopener noreferrer" target="_blank">Leaflet</a>');
    this._names = L.layerGroup().addTo(map);
    map.on('moveend', this._nameCountries, this);
  },

  /** @param {L.Map} map */
  onRemove(map) {
    map.off('moveend', this._nameCountries, this);
    this._names.remove();
    L.GridLayer.prototype.onRemove.call(this, map);
  },

  // One frame, no copies: tiles east of 180° are their own.
  _wrapCoords: (/** @type {L.Coords} */ coords) => coords,
  _isValidTile: () => true,

  /** @param {L.Coords} coords */
  createTile(coords) {
    const size = this.getTileSize().x;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const tile = document.createElement('canvas');
    tile.width = size * ratio;
    tile.height = size * ratio;
    const pen = tile.getContext('2d');
    if (pen) {
      pen.scale(ratio, ratio);
      drawTile(pen, this._lines, { size, x: coords.x * size, y: coords.y * size, world: 256 * 2 ** coords.z, zoom: coords.z });
    }
    return tile;
  },

  _nameCountries() {
    if (!this._labels) return;
    this._names.clearLayers();
    const map = this._map;
    const view = map.getBounds().pad(0.1);
    /** @type {{x: number, y: number, half: number}[]} */
    const taken = [];
    for (const [from, name, lon, lat] of this._labels) {
      if (map.getZoom() < from - 0.5 || !view.contains([lat, lon])) continue;
      const point = map.latLngToContainerPoint([lat, lon]);
      const half = name.length * 3.4 + 6;
      if (taken.some((t) => Math.abs(t.x - point.x) < t.half + half && Math.abs(t.y - point.y) < 16)) continue;
      taken.push({ ...point, half });
      this._names.addLayer(countryName(name, lat, lon));
    }
  },
});

/**
 * @param {string} name
 * @param {number} lat
 * @param {number} lon
 */
function countryName(name, lat, lon) {
  const text = document.createElement('span');
  text.textContent = name;
  const icon = L.divIcon({ className: 'ca-country', html: text, iconSize: [0, 0] });
  return L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: 'shadowPane' });
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{land: Line[], borders: Line[], disputed: Line[]}|undefined} lines
 * @param {{size: number, x: number, y: number, world: number, zoom: number}} tile
 */
function drawTile(pen, lines, tile) {
  pen.fillStyle = colour('sea');
  pen.fillRect(0, 0, tile.size, tile.size);
  if (!lines) return;
  pen.lineJoin = 'round';
  graticule(pen, tile);
  trace(pen, lines.land, tile, true);
  pen.fillStyle = colour('land');
  pen.fill('evenodd');
  stroke(pen, 'coast', tile.zoom < 4 ? 0.6 : 0.9, []);
  trace(pen, lines.borders, tile, false);
  stroke(pen, 'border', tile.zoom < 4 ? 0.7 : 1.1, []);
  trace(pen, lines.disputed, tile, false);
  stroke(pen, 'disputed', 1.1, [4, 3]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {number} width
 * @param {number[]} dash
 */
function stroke(pen, name, width, dash) {
  pen.strokeStyle = colour(name);
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{size: number, x: number, y: number, world: number}} tile
 */
function graticule(pen, tile) {
  pen.beginPath();
  for (let lon = -30; lon <= 330; lon += 30) {
    const x = ((lon + 180) / 360) * tile.world - tile.x;
    if (x < -1 || x > tile.size + 1) continue;
    pen.moveTo(x, 0);
    pen.lineTo(x, tile.size);
  }
  for (let lat = -60; lat <= 75; lat += 15) {
    const y = mercator(lat) * tile.world - tile.y;
    if (y < -1 || y > tile.size + 1) continue;
    pen.moveTo(0, y);
    pen.lineTo(tile.size, y);
  }
  stroke(pen, 'graticule', 0.7, []);
}

/**
 * Put lines into the pen's path, without steps that no eye could see.
 * @param {CanvasRenderingContext2D} pen
 * @param {Line[]} lines
 * @param {{size: number, x: number, y: number, world: number}} tile
 * @param {boolean} closed
 */
function trace(pen, lines, tile, closed) {
  const reach = 8 / tile.world;
  const left = tile.x / tile.world - reach;
  const top = tile.y / tile.world - reach;
  const right = left + tile.size / tile.world + 2 * reach;
  const bottom = top + tile.size / tile.world + 2 * reach;
  pen.beginPath();
  for (const { xy, box } of lines) {
    if (box[2] < left || box[0] > right || box[3] < top || box[1] > bottom) continue;
    traceLine(pen, xy, tile);
    if (closed) pen.closePath();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Float64Array} xy
 * @param {{x: number, y: number, world: number}} tile
 */
function traceLine(pen, xy, tile) {
  let lastX = xy[0] * tile.world - tile.x;
  let lastY = xy[1] * tile.world - tile.y;
  pen.moveTo(lastX, lastY);
  for (let i = 2; i < xy.length; i += 2) {
    const x = xy[i] * tile.world - tile.x;
    const y = xy[i + 1] * tile.world - tile.y;
    if (i < xy.length - 2 && Math.abs(x - lastX) < 0.5 && Math.abs(y - lastY) < 0.5) continue;
    pen.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
}

/**
 * Read a line: positions on a grid as deltas, zig-zag, five bits a character.
 * @param {string} text
 * @param {number} grid
 * @returns {Line}
 */
function decode(text, grid) {
  const numbers = [];
  for (let i = 0; i < text.length; ) {
    let bits = 0;
    let value = 0;
    let part;
    do {
      part = text.charCodeAt(i) - 63;
      i += 1;
      value |= (part & 31) << bits;
      bits += 5;
    } while (part >= 32);
    numbers.push(value & 1 ? ~(value >> 1) : value >> 1);
  }
  return toWorld(numbers, grid);
}

/**
 * @param {number[]} deltas
 * @param {number} grid
 * @returns {Line}
 */
function toWorld(deltas, grid) {
  const xy = new Float64Array(deltas.length);
  /** @type {[number, number, number, number]} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < deltas.length; i += 2) {
    lon += deltas[i];
    lat += deltas[i + 1];
    const x = (lon / grid + 180) / 360;
    const y = mercator(lat / grid);
    xy[i] = x;
    xy[i + 1] = y;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { xy, box };
}

/** @param {number} lat */
function mercator(lat) {
  const sine = Math.sin((Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}
