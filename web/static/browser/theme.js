/**
 * Light and dark. `data-theme` on the root says what was chosen, `data-scheme` what that means now; the styles follow the
 * latter. Whoever sets `data-theme` is heard, so that a page around us can switch the map along with itself.
 */

/** @typedef {"light" | "dark" | "auto"} Theme */

const CHANGED = "corridor-scheme";
const root = document.documentElement;
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

/**
 * Choose a theme; `auto` follows the reader's system.
 * @param {Theme} choice
 */
export function theme(choice) {
  root.dataset.theme = choice;
  apply();
}

/**
 * Return the chosen theme.
 * @returns {Theme}
 */
export function chosenTheme() {
  const said = root.dataset.theme;
  return said === "light" || said === "dark" ? said : "auto";
}

/**
 * Call back whenever light turns dark or dark light.
 * @param {() => void} changed
 * @returns {() => void} to stop listening
 */
export function onScheme(changed) {
  root.addEventListener(CHANGED, changed);
  return () => root.removeEventListener(CHANGED, changed);
}

/** Begin to follow the root and the system. */
export function watchTheme() {
  apply();
  prefersDark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
}

/**
 * Return the current value of a custom property of the styles.
 * @param {string} name
 */
export function token(name) {
  return getComputedStyle(root).getPropertyValue(name).trim();
}

function apply() {
  const choice = chosenTheme();
  const scheme = choice === "auto" ? (prefersDark.matches ? "dark" : "light") : choice;
  if (root.dataset.scheme === scheme) return;
  root.dataset.scheme = scheme;
  root.dispatchEvent(new Event(CHANGED));
}
