/** A text field with a list of suggestions, by the WAI-ARIA combobox pattern. */

import { el, uid } from './dom.js';

/**
 * @template T
 * @typedef {{text: string, detail?: string, icon?: Node, item: T}} Suggestion
 */

/**
 * Make an input a combobox.
 * @template T
 * @param {HTMLInputElement} input
 * @param {(text: string) => Suggestion<T>[]|Promise<Suggestion<T>[]>} suggest
 * @param {(item: T) => void} pick
 * @param {string} nothing what to say when nothing was found
 * @returns {HTMLElement} the list, to be placed behind the input
 */
export function combobox(input, suggest, pick, nothing) {
  const id = uid('ca-list');
  const list = el('ul', { id, role: 'listbox', class: 'ca-list', hidden: true });
  /** @type {Suggestion<T>[]} */
  let found = [];
  let at = -1;
  let asked = 0;
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-controls': id, 'aria-autocomplete': 'list', autocomplete: 'off' })) {
    input.setAttribute(name, value);
  }

  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    at = -1;
  };
  const choose = (/** @type {number} */ index) => {
    const item = found[index];
    if (!item) return;
    close();
    pick(item.item);
  };
  const move = (/** @type {number} */ step) => {
    at = (at + step + found.length) % found.length;
    [...list.children].forEach((row, i) => row.setAttribute('aria-selected', String(i === at)));
    const row = list.children[at];
    input.setAttribute('aria-activedescendant', row.id);
    row.scrollIntoView({ block: 'nearest' });
  };
  const refresh = async () => {
    const mine = (asked += 1);
    const text = input.value.trim();
    const answer = text ? await suggest(text) : [];
    if (mine !== asked) return;
    found = answer;
    at = -1;
    list.replaceChildren(...(found.length ? found.map((s, i) => row(s, () => choose(i))) : [el('li', { class: 'ca-none', text: nothing })]));
    list.hidden = !text;
    input.setAttribute('aria-expanded', String(Boolean(text) && found.length > 0));
  };

  // Enter before the answer is there picks from the answer, not from what was listed before.
  let pending = Promise.resolve();
  input.addEventListener('input', () => (pending = refresh()));
  input.addEventListener('focus', () => input.value && (pending = refresh()));
  input.addEventListener('blur', () => setTimeout(close, 120));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !list.hidden) {
      close();
      event.stopPropagation();
    } else if (!found.length || list.hidden) return;
    else if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(at < 0 ? 0 : -1);
    else if (event.key === 'Enter') pending.then(() => choose(Math.max(at, 0)));
    else return;
    event.preventDefault();
  });
  return list;
}

/**
 * @param {Suggestion<any>} suggestion
 * @param {() => void} choose
 */
function row(suggestion, choose) {
  const made = el('li', { role: 'option', id: uid('ca-option'), 'aria-selected': 'false' }, suggestion.icon, el('span', { text: suggestion.text, dir: 'auto' }), suggestion.detail ? el('small', { text: suggestion.detail, dir: 'auto' }) : null);
  // Before the input loses its focus, which closes the list.
  made.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    choose();
  });
  return made;
}
