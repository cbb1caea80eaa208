/** Every citation that a map's features name, as a list for a page that stands alone. */

import { bibliography } from "./citation.js";
import { contents } from "./layer.js";

/**
 * Fill a list once the layers are there.
 * @param {L.FeatureGroup[]} groups
 * @param {HTMLElement} list
 * @param {HTMLElement} counter is told how many there are
 */
export async function sources(groups, list, counter) {
  const contexts = (await contents(groups)).map(({ context }) => context);
  const all = Object.assign({}, ...contexts.map((context) => context.sources));
  const entries = bibliography(Object.keys(all), { sources: all, release: contexts[0]?.release ?? "" });
  list.replaceChildren(...entries);
  counter.textContent = String(entries.length);
}
