/** Making elements. Text is set as text and never as markup, so that no value can run. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Return a new element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string|boolean|number|null|undefined|((event: any) => void)>} [attributes] class, text, on… handlers, and attributes
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (name === 'text') made.textContent = String(value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return made;
}

/**
 * Return a new SVG element.
 * @param {string} tag
 * @param {Record<string, string|number>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Return a link to a page elsewhere, or plain text where the address is no web address.
 * @param {string} text
 * @param {string|undefined} address
 * @returns {Node}
 */
export function link(text, address) {
  const safe = webAddress(address);
  if (!safe) return document.createTextNode(text);
  return el('a', { href: safe, target: '_blank', rel: 'noopener noreferrer', text });
}

/**
 * @param {string|undefined} address
 * @returns {string|null}
 */
function webAddress(address) {
  try {
    const url = new URL(String(address));
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Return a number for reading, with thin separators from ten thousand on.
 * @param {number|string} value
 * @param {string} [unit]
 * @returns {string}
 */
export function amount(value, unit = '') {
  if (typeof value !== 'number') return String(value);
  const number = unit === 'year' ? String(value) : value.toLocaleString('en', { maximumFractionDigits: 6, useGrouping: value >= 10000 });
  return unit && unit !== 'year' && unit !== 'count' ? `${number} ${unit}` : number;
}

let counter = 0;

/**
 * Return an id that no other element has.
 * @param {string} stem
 */
export function uid(stem) {
  counter += 1;
  return `${stem}-${counter}`;
}
