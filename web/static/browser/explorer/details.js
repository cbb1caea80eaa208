/** The selected feature: a short popup on the map, everything in the panel. */

import { byId, el } from "../dom.js";
import { setState } from "../drawn.js";
import { handleOf, setCard } from "../layer.js";
import { card } from "../popup.js";

/**
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./explorer.js").Session} Session
 */

/** What is selected: at most one feature, that of the open popup or of the details. */
export class Selection {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    /** @type {Handle | null} */
    this.handle = null;
    /** @type {HTMLElement | null} */
    this.opener = null;
    for (const { handles } of session.atlases) for (const handle of handles.values()) setCard(handle, () => this.card(handle, { brief: true }));
    session.map.on("popupopen", ({ popup }) => this.opened(handleOf(popup)));
    session.map.on("popupclose", ({ popup }) => this.closed(handleOf(popup)));
    byId("back").addEventListener("click", () => this.back());
  }

  /** @param {Handle | undefined} handle */
  opened(handle) {
    if (handle) this.show(handle, { focus: false });
  }

  /**
   * Show everything of a feature in the panel.
   * @param {Handle} handle
   * @param {{focus: boolean}} options whether the focus goes there too
   */
  show(handle, { focus }) {
    const { views, sheet } = this.session;
    if (focus && !views.detailed) this.opener = /** @type {HTMLElement | null} */ (document.activeElement);
    this.set(handle);
    this.fill(handle);
    if (!views.detailed) views.showDetails();
    sheet.raise();
    if (focus) byId("back").focus({ preventScroll: true });
  }

  /** @param {Handle} handle */
  fill(handle) {
    const holder = byId("detail");
    if (holder.dataset.key === handle.key && holder.firstChild) return;
    holder.dataset.key = handle.key;
    holder.replaceChildren(this.card(handle));
    byId("details").scrollTop = 0;
  }

  /**
   * Return a feature's card, with what can be done with the feature.
   * @param {Handle} handle
   * @param {import("../popup.js").Look} [look]
   */
  card(handle, look) {
    const made = card(handle, look);
    const actions = this.session.actions(handle);
    if (actions) made.firstElementChild?.after(actions);
    return made;
  }

  /**
   * Leave a feature whose popup was closed, unless another was chosen meanwhile.
   * @param {Handle | undefined} handle
   */
  closed(handle) {
    if (!handle || handle !== this.handle) return;
    const within = byId("details").contains(document.activeElement);
    if (this.session.views.detailed) this.session.views.back();
    this.set(null);
    if (within) this.giveBack();
  }

  back() {
    this.session.views.back();
    this.set(null);
    this.session.map.closePopup();
    this.giveBack();
  }

  /** Give the focus back to where the details were opened from. */
  giveBack() {
    const opener = this.opener;
    if (opener?.isConnected && opener.offsetParent) opener.focus({ preventScroll: true });
    else this.session.views.current.focus({ preventScroll: true });
  }

  /** @param {Handle | null} handle */
  set(handle) {
    if (this.handle === handle) return;
    if (this.handle) setState(this.handle, "ca-on", false);
    if (handle) setState(handle, "ca-on", true);
    this.handle = handle;
    for (const row of this.session.root.querySelectorAll("[data-key]")) {
      if (row.classList.contains("ca-item")) row.toggleAttribute("aria-current", row.getAttribute("data-key") === handle?.key);
    }
    this.session.address.set({ select: handle?.key ?? null });
  }
}

/**
 * Return a short paragraph on the layer with its downloads.
 * @param {import("../layer.js").Atlas} atlas
 * @param {string} endpoint
 */
export function aboutLayer({ context: { about } }, endpoint) {
  const items = endpoint.replace("{layer}", encodeURIComponent(about.id));
  const formats = [["CSV", "csv"], ["GeoJSON", "geojson"], ["GeoPackage", "gpkg"]];
  const links = formats.map(([title, f]) => el("a", { href: `${items}?limit=10000&f=${f}`, download: `${about.id}.${f}` }, title));
  return el(
    "details",
    { class: "ca-about" },
    el("summary", {}, "About and download"),
    el("p", {}, about.description),
    el("p", {}, about.rule),
    el("p", { class: "ca-links" }, ...links, el("span", {}, about.licence)),
  );
}
