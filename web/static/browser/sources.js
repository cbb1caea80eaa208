/** Every citation that a map's features and ways name, as a list for a page that stands alone. */

import { bibliography } from "./citation.js";
import { contents } from "./layer.js";

/**
 * Fill a list once the layers and the ways are there.
 * @param {L.FeatureGroup[]} groups
 * @param {import("./voyages.js").Voyages[]} sailed
 * @param {HTMLElement} list
 * @param {HTMLElement} counter is told how many there are
 */
export async function sources(groups, sailed, list, counter) {
  const contexts = (await contents(groups)).map(({ context }) => context);
  const answers = (await Promise.allSettled(sailed.map(({ ready }) => ready))).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const held = [...contexts, ...answers];
  const all = Object.assign({}, ...held.map((one) => one.sources));
  const entries = bibliography(Object.keys(all), { sources: all, release: held[0]?.release ?? "" });
  list.replaceChildren(...entries);
  counter.textContent = String(entries.length);
}
