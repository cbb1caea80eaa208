/** Light and dark. Colours live in the style sheet; what is drawn on canvas asks for them and is told when they change. */

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {'light'|'dark'} */
export function current() {
  const chosen = root.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return system.matches ? 'dark' : 'light';
}

/** @param {string} choice light, dark or auto */
export function theme(choice) {
  root.dataset.theme = choice;
  listeners.forEach((tell) => tell());
}

/** @param {() => void} tell */
export function onTheme(tell) {
  listeners.add(tell);
}

/**
 * Return a colour of the style sheet as it is now.
 * @param {string} name
 */
export function colour(name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

system.addEventListener('change', () => listeners.forEach((tell) => tell()));
