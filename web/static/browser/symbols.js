/** The shapes that stand for features, on the map and in every list. */

import { svg } from "./dom.js";

/** @type {Record<string, () => SVGElement[]>} */
const SHAPES = {
  circle: () => [svg("circle", { r: 6.5 })],
  square: () => [svg("rect", { x: -5.8, y: -5.8, width: 11.6, height: 11.6, rx: 1.2 })],
  diamond: () => [svg("path", { d: "M0-7.9 7.9 0 0 7.9-7.9 0Z" })],
  triangle: () => [svg("path", { d: "M0-7.4 7.6 6.2h-15.2Z" })],
  gate: () => [svg("path", { d: "M-7.2-7.2H7.2L2 0 7.2 7.2H-7.2L-2 0Z" })],
  line: () => [svg("path", { class: "ca-line", d: "M-9 3C-4-5 3 5 9-3" })],
};

/**
 * Return a symbol; its colour is the custom property `--c`, from which the styles make that of the theme.
 * @param {string} shape
 * @param {string} colour
 * @returns {SVGSVGElement}
 */
export function symbol(shape, colour) {
  const drawn = (SHAPES[shape] ?? SHAPES.circle)();
  const made = svg("svg", { class: "ca-symbol", viewBox: "-10 -10 20 20", "aria-hidden": "true", focusable: "false" }, ...drawn);
  made.style.setProperty("--c", colour);
  return made;
}

/**
 * Return the colour of a feature: that of its choice where the layer is coloured by one.
 * @param {import("./types.js").About} about
 * @param {import("./types.js").Properties} properties
 */
export function colourOf(about, properties) {
  return choiceOf(about, properties)?.colour ?? about.style.colour;
}

/**
 * Return the choice that colours a feature, if its layer is coloured by one and the feature has a value.
 * @param {import("./types.js").About} about
 * @param {import("./types.js").Properties} properties
 */
export function choiceOf(about, properties) {
  const field = about.fields.find((f) => f.id === about.style.colour_by);
  return field?.choices.find((c) => c.id === properties[field.id]);
}
