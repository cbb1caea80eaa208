/** How a feature looks: the declared shape, and the colour of its category. */

import { svg } from './dom.js';

/** @typedef {import('./types.js').About} About */

/** @type {Record<string, [string, Record<string, string|number>]>} */
const SHAPES = {
  circle: ['circle', { cx: 8, cy: 8, r: 5.4 }],
  square: ['rect', { x: 3, y: 3, width: 10, height: 10, rx: 1.2 }],
  diamond: ['path', { d: 'M8 1.6 14.4 8 8 14.4 1.6 8Z' }],
  triangle: ['path', { d: 'M8 2 14.4 13.4H1.6Z' }],
  line: ['path', { d: 'M0 8h16', 'stroke-width': 3, fill: 'none' }],
};
const NOT_REPORTED = '#8a8f98';

/**
 * Return a symbol as SVG.
 * @param {string} shape
 * @param {string} colour
 * @param {number} [size]
 */
export function symbol(shape, colour, size = 16) {
  const [tag, attributes] = SHAPES[shape] ?? SHAPES.circle;
  /** @type {Record<string, string>} */
  const paint = shape === 'line' ? { stroke: colour } : { fill: colour };
  const mark = svg(tag, { ...attributes, ...paint, class: shape === 'line' ? 'ca-stroke' : 'ca-mark' });
  return svg('svg', { viewBox: '0 0 16 16', width: size, height: size, 'aria-hidden': 'true', focusable: 'false' }, mark);
}

/**
 * Return the colour of a feature: of its category where the layer is coloured by one.
 * @param {About} about
 * @param {Record<string, any>} properties
 */
export function featureColour(about, properties) {
  const field = about.fields.find((f) => f.id === about.style.colour_by);
  if (!field) return about.style.colour;
  return field.choices.find((c) => c.id === properties[field.id])?.colour ?? NOT_REPORTED;
}

/**
 * Return what a layer's legend lists: categories of one colour together, then what has none.
 * @param {About} about
 * @param {Record<string, any>[]} all properties of its features
 * @returns {{colour: string, title: string, count: number}[]}
 */
export function categories(about, all) {
  const field = about.fields.find((f) => f.id === about.style.colour_by);
  if (!field) return [];
  /** @type {Map<string, {colour: string, title: string, count: number}>} */
  const found = new Map();
  for (const choice of field.choices) {
    const count = all.filter((p) => p[field.id] === choice.id).length;
    if (!count) continue;
    const entry = found.get(choice.colour);
    if (entry) Object.assign(entry, { title: `${entry.title}, ${choice.title.toLowerCase()}`, count: entry.count + count });
    else found.set(choice.colour, { colour: choice.colour, title: choice.title, count });
  }
  const silent = all.filter((p) => !field.choices.some((c) => c.id === p[field.id])).length;
  const rest = silent ? [{ colour: NOT_REPORTED, title: `${field.title} not reported`, count: silent }] : [];
  const listed = [...found.values(), ...rest];
  return listed.length > 1 || listed[0]?.colour !== about.style.colour ? listed : [];
}
