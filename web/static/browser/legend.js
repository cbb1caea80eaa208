/** The legend: what the symbols mean, and switches for the layers. */

import { el, uid } from './dom.js';
import { categories, symbol } from './symbols.js';

/** @typedef {import('./layer.js').AtlasGroup} AtlasGroup */

/**
 * Return one layer's switch with its categories; filled when the layer is.
 * @param {L.Map} map
 * @param {AtlasGroup} group
 * @param {() => void} [changed]
 * @returns {HTMLElement}
 */
export function layerSwitch(map, group, changed) {
  const box = el('div', { class: 'ca-layer' });
  group.ready.then(({ about, features }) => {
    const id = uid('ca-switch');
    const input = el('input', { id, type: 'checkbox', 'data-layer': about.id });
    input.checked = map.hasLayer(group);
    input.addEventListener('change', () => {
      if (input.checked) map.addLayer(group);
      else map.removeLayer(group);
      changed?.();
    });
    group.on('add remove', () => {
      input.checked = map.hasLayer(group);
    });
    const rows = categories(about, features.map((f) => f.properties));
    box.append(
      input,
      el('label', { for: id }, symbol(about.style.shape, about.style.colour, 18), el('span', { text: about.title.en }), el('small', { text: String(features.length) })),
    );
    if (rows.length) box.append(el('ul', {}, ...rows.map((r) => el('li', {}, symbol(about.style.shape, r.colour, 14), el('span', { text: r.title }), el('small', { text: String(r.count) })))));
  });
  return box;
}

/**
 * Return the legend as a control of the map, closed on small screens.
 * @param {AtlasGroup[]} groups
 * @param {{position: L.ControlPosition}} options
 */
export function legend(groups, options) {
  const control = new L.Control({ position: options.position });
  control.onAdd = (map) => {
    const box = el('details', { class: 'ca-legend leaflet-bar' }, el('summary', { text: 'Layers' }), ...groups.map((g) => layerSwitch(map, g)));
    box.open = map.getSize().x > 700;
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  return control;
}
