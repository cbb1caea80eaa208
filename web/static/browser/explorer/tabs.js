/** The panel's tabs, and the details that lie over them. */

import { byId } from "../dom.js";

const HOME_TITLE = "Corridor Atlas: the India–Russia strategic-minerals corridor";

/**
 * Give the page the title of an answer, or its own where there is none.
 * @param {string | null} title
 */
export function entitle(title) {
  document.title = title ? `${title}: Corridor Atlas` : HOME_TITLE;
}

/** Tabs after the pattern of the WAI-ARIA Authoring Practices; the details are a view of their own with a way back. */
export class Views {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
    this.strip = /** @type {HTMLElement} */ (root.querySelector("[role=tablist]"));
    this.details = byId("details");
    this.current = this.tabs[0];
    this.scrolled = 0;
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab.id));
      tab.addEventListener("keydown", (event) => this.key(event));
    }
  }

  /** @param {string} id of a tab */
  show(id) {
    this.current = byId(id);
    this.details.hidden = true;
    this.strip.hidden = false;
    delete document.body.dataset.detailed;
    for (const tab of this.tabs) {
      const on = tab === this.current;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panelOf(tab).hidden = !on;
    }
  }

  /** Show the details over the current tab. */
  showDetails() {
    const panel = panelOf(this.current);
    if (this.details.hidden) this.scrolled = panel.scrollTop;
    panel.hidden = this.strip.hidden = true;
    this.details.hidden = false;
    this.details.scrollTop = 0;
    document.body.dataset.detailed = "true";
  }

  /** Go back to the tab, where it was left. */
  back() {
    this.show(this.current.id);
    panelOf(this.current).scrollTop = this.scrolled;
  }

  /** Tell whether the details are shown. */
  get detailed() {
    return !this.details.hidden;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const count = this.tabs.length;
    const here = this.tabs.indexOf(this.current);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1 + count, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.show(this.tabs[to % count].id);
    this.current.focus();
  }
}

/** @param {HTMLElement} tab */
function panelOf(tab) {
  return byId(/** @type {string} */ (tab.getAttribute("aria-controls")));
}
