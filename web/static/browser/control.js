/** A control of the map made of our own elements. */

/**
 * @param {L.ControlPosition} position
 * @param {HTMLElement} box
 * @param {(map: L.Map) => void} added
 * @returns {L.Control}
 */
export function control(position, box, added) {
  const made = new L.Control({ position });
  made.onAdd = (map) => {
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    added(map);
    return box;
  };
  return made;
}
