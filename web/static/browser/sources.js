/** The list of every citation that a map's features name, for a page that stands alone. */

import { el, link } from './dom.js';

/**
 * Fill a list once the layers are unpacked.
 * @param {import('./layer.js').AtlasGroup[]} groups
 * @param {HTMLElement} list
 * @param {HTMLElement} counter told how many there are
 */
export function sources(groups, list, counter) {
  Promise.all(groups.map((g) => g.ready)).then((all) => {
    const found = Object.assign({}, ...all.map((data) => data.sources));
    const listed = Object.values(found).sort((a, b) => a.publisher.localeCompare(b.publisher) || a.title.localeCompare(b.title));
    list.append(...listed.map((s) => el('li', {}, link(`${s.publisher}. ${s.title}`, s.url), ` ${[s.published || 'no date', s.accessed && `read ${s.accessed}`, s.licence, s.note].filter(Boolean).join('. ')}`)));
    counter.textContent = String(listed.length);
  });
}
