/** Popups by keyboard: focus goes into one that the keyboard opened, Escape closes it and gives focus back. */

const MARGIN = 12;

/** @param {L.Map} map */
export function attend(map) {
  /** @type {Element | null} */
  let opener = null;
  map.on("popupopen", ({ popup }) => {
    const box = popup.getElement();
    if (!box) return;
    const active = document.activeElement;
    opener = active?.classList.contains("ca-point") ? active : null;
    if (opener) /** @type {HTMLElement | null} */ (box.querySelector(".ca-popup"))?.focus({ preventScroll: true });
    box.addEventListener("toggle", () => keepInView(map, box), true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const had = map.getContainer().querySelector(".leaflet-popup")?.contains(document.activeElement);
    map.closePopup();
    if (had && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
  });
}

/**
 * Move the map so that a popup which has grown is whole.
 * @param {L.Map} map
 * @param {HTMLElement} box
 */
function keepInView(map, box) {
  const over = map.getContainer().getBoundingClientRect().top + MARGIN - box.getBoundingClientRect().top;
  if (over > 0) map.panBy([0, -over]);
}
