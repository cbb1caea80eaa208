/** A control of the map made of our own elements. */

const OPEN = ".ca-disclosure[aria-expanded=true]";

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

/**
 * Let no other panel in the corner of a control stay open when one opens: together they are taller than the map.
 * @param {HTMLElement} box
 */
export function oneOpen(box) {
  box.addEventListener("click", ({ target }) => {
    const head = target instanceof Element ? target.closest(OPEN) : null;
    const others = head ? (box.parentElement?.querySelectorAll(OPEN) ?? []) : [];
    for (const other of others) if (!box.contains(other)) /** @type {HTMLElement} */ (other).click();
  });
}
