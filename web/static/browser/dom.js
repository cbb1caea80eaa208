/** Elements made of text and attributes only: nothing that comes from data is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node | string | null | undefined | false | 0} Child
 * @typedef {Record<string, string | number | boolean | null | undefined>} Attributes
 */

/**
 * Return a new element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes] where false, null and undefined leave the attribute out and true sets it empty
 * @param {...Child} children strings become text
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  set(made, attributes);
  if (children.length === 1 && typeof children[0] === "string") made.textContent = String(children[0]);
  else made.append(...present(children));
  return made;
}

/**
 * Return a new SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  set(made, attributes);
  made.append(...present(children));
  return made;
}

/**
 * Return a line icon of 20 × 20 from path data, hidden from assistive technology.
 * @param {...string} paths
 */
export function icon(...paths) {
  const drawn = paths.map((d) => svg("path", { d }));
  return svg("svg", { class: "ca-icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, ...drawn);
}

/**
 * Return a button.
 * @param {string} className
 * @param {Child[]} children
 * @param {(event: MouseEvent) => void} pressed
 * @param {Attributes} [attributes]
 */
export function button(className, children, pressed, attributes = {}) {
  const made = el("button", { type: "button", class: className, ...attributes }, ...children);
  made.addEventListener("click", pressed);
  return made;
}

/**
 * Return the address if it is one of the web, else null: a `javascript:` address is never a link.
 * @param {string | undefined} address
 */
export function webAddress(address) {
  try {
    const url = new URL(address ?? "");
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Return a link to another site, or plain text where the address is not one of the web.
 * @param {string} text
 * @param {string | undefined} address
 * @param {Attributes} [attributes]
 */
export function outward(text, address, attributes = {}) {
  const href = webAddress(address);
  return href
    ? el("a", { href, target: "_blank", rel: "noopener noreferrer", ...attributes }, text)
    : el("span", attributes, text);
}

/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Return text for the one place that Leaflet reads as markup and cannot be given a node: the attribution.
 * @param {string | undefined} text
 */
export function plain(text) {
  return (text ?? "").replace(/[&<>"']/g, (sign) => ESCAPES[sign]);
}

let serial = 0;

/** Return an id that no other element of the page has. */
export function newId() {
  serial += 1;
  return `ca-${serial}`;
}

/**
 * Return the one element of the page with this id.
 * @param {string} id
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}.`);
  return found;
}

/**
 * @param {Element} made
 * @param {Attributes} attributes
 */
function set(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function present(children) {
  return /** @type {(Node | string)[]} */ (children.filter((child) => child instanceof Node || child));
}
