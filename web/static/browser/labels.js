/** Names of countries on the base map: the important first, none over another, more as one comes closer. */

import { overlap } from "./tags.js";
import { token } from "./theme.js";

/**
 * @typedef {{minZoom: number, name: string, x: number, y: number}} Label position in web Mercator, the world being 1 wide
 * @typedef {import("./tags.js").Box} Box
 */

const LONGEST_LINE = 15; // letters
const GAP = 8; // pixels between two names

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Label[]} labels most important first
 * @param {import("./basemap.js").Drawn} drawn
 */
export function drawLabels(pen, labels, { zoom, bounds }) {
  const size = 256 * 2 ** zoom;
  const corner = bounds.getTopLeft();
  const points = Math.min(15, 10.5 + 0.6 * Math.max(0, zoom - 3));
  const font = token("--font");
  /** @type {Box[]} */
  const taken = [];
  ready(pen);
  for (const label of labels) {
    if (label.minZoom > zoom + 0.6) break;
    const weight = label.minZoom < 2 ? 1.15 : 1;
    pen.font = `500 ${points * weight}px ${font}`;
    write(pen, label.name, { x: label.x * size - corner.x, y: label.y * size - corner.y, height: points * weight * 1.15 }, taken);
  }
}

/** @param {CanvasRenderingContext2D} pen */
function ready(pen) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.strokeStyle = token("--land");
  pen.fillStyle = token("--label");
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {{x: number, y: number, height: number}} at
 * @param {Box[]} taken
 */
function write(pen, name, at, taken) {
  const lines = broken(name);
  const half = Math.max(...lines.map((line) => pen.measureText(line).width)) / 2 + GAP;
  const tall = (lines.length * at.height) / 2 + GAP / 2;
  const box = { left: at.x - half, top: at.y - tall, right: at.x + half, bottom: at.y + tall };
  if (taken.some((other) => overlap(box, other))) return;
  taken.push(box);
  lines.forEach((line, i) => {
    const y = at.y + (i - (lines.length - 1) / 2) * at.height;
    pen.strokeText(line, at.x, y);
    pen.fillText(line, at.x, y);
  });
}

/**
 * Return a name in lines of about equal length.
 * @param {string} name
 */
function broken(name) {
  const words = name.split(" ");
  const count = Math.min(words.length, Math.ceil(name.length / LONGEST_LINE));
  /** @type {string[]} */
  const lines = [];
  for (const word of words) {
    const last = lines[lines.length - 1];
    const fits = last !== undefined && (last.length + word.length / 2 < name.length / count || word.length < 3);
    if (fits) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
