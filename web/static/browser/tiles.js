/** A switch for online tiles. Off until the reader turns it on, since it tells another host what is looked at. */

import { el, uid } from './dom.js';

/**
 * @param {string} address
 * @param {string} attribution
 */
export function tiles(address, attribution) {
  const control = new L.Control({ position: 'bottomleft' });
  const credit = el('span', { text: attribution });
  const online = L.tileLayer(address, { attribution: credit.outerHTML, maxZoom: 18, className: 'ca-tiles' });
  control.onAdd = (map) => {
    const id = uid('ca-tiles');
    const input = el('input', { id, type: 'checkbox' });
    input.addEventListener('change', () => (input.checked ? online.addTo(map) : online.remove()));
    const box = el('div', { class: 'ca-online leaflet-bar' }, input, el('label', { for: id, text: 'Online map (tells another host what you look at)' }));
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  return control;
}
