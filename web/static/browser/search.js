/** Search for features by name, in three scripts, over all layers that are loaded. */

import { combobox } from './combobox.js';
import { el, uid } from './dom.js';
import { fold, likeness } from './fold.js';
import { show } from './layer.js';
import { featureColour, symbol } from './symbols.js';

/**
 * @typedef {import('./layer.js').AtlasGroup} AtlasGroup
 * @typedef {{group: AtlasGroup, id: string}} Found
 */

/** @type {WeakMap<object, string[]>} */
const folded = new WeakMap();

/**
 * Return features whose names answer a text, best first.
 * @param {AtlasGroup[]} groups
 * @param {string} text
 * @param {number} [limit]
 * @returns {import('./combobox.js').Suggestion<Found>[]}
 */
export function findFeatures(groups, text, limit = 8) {
  const wanted = fold(text);
  const hits = [];
  for (const group of groups) {
    const data = group.data;
    if (!data) continue;
    for (const feature of data.features) {
      const score = Math.max(...namesOf(feature).map((name) => likeness(wanted, name)));
      if (score > 0) hits.push({ score, group, feature, data });
    }
  }
  hits.sort((a, b) => b.score - a.score || a.feature.properties.name.localeCompare(b.feature.properties.name));
  return hits.slice(0, limit).map(({ group, feature, data }) => ({
    text: feature.properties.name,
    detail: [data.about.title.en, feature.properties.country && data.regions[feature.properties.country]?.name].filter(Boolean).join(', '),
    icon: symbol(data.about.style.shape, featureColour(data.about, feature.properties), 14),
    item: { group, id: feature.id },
  }));
}

/** @param {import('./types.js').Feature} feature */
function namesOf(feature) {
  let found = folded.get(feature);
  if (!found) {
    const p = feature.properties;
    found = [p.name, p.name_ru, p.name_hi, feature.id].filter((n) => n !== null).map((n) => fold(String(n)));
    folded.set(feature, found);
  }
  return found;
}

/**
 * Return a control that searches the given layers.
 * @param {AtlasGroup[]} groups
 * @param {{position: L.ControlPosition}} options
 */
export function search(groups, options) {
  const control = new L.Control({ position: options.position });
  control.onAdd = (map) => {
    const id = uid('ca-search');
    const input = el('input', { id, type: 'search', placeholder: 'Search by name', spellcheck: 'false' });
    const list = combobox(input, (text) => findFeatures(groups, text), ({ group, id: feature }) => show(map, group, feature), 'No feature has that name.');
    const box = el('div', { class: 'ca-search leaflet-bar' }, el('label', { class: 'ca-hidden', for: id, text: 'Search features by name' }), input, list);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  return control;
}
