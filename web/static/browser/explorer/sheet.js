/** On a phone the panel is a sheet below the map: a handle makes it low, half or tall. */

/** @typedef {"low" | "half" | "tall"} Height */

const NARROW = window.matchMedia("(max-width: 699px)");
const STOPS = /** @type {const} */ ({ low: 0.12, half: 0.46, tall: 0.84 });
const SLIP = 6; // pixels: less is a press, not a drag

/** The sheet; on wide screens its calls do nothing that is seen. */
export class Sheet {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLElement} grip
   */
  constructor(panel, grip) {
    this.panel = panel;
    this.grip = grip;
    this.from = { y: 0, height: 0, moved: false };
    grip.addEventListener("click", () => this.from.moved || this.set(this.height === "low" ? "half" : "low"));
    grip.addEventListener("pointerdown", (event) => this.grab(event));
    grip.addEventListener("pointermove", (event) => this.drag(event));
    grip.addEventListener("pointerup", () => this.drop());
    grip.addEventListener("pointercancel", () => this.drop());
    this.set("half");
  }

  /** @returns {Height} */
  get height() {
    return /** @type {Height} */ (this.panel.dataset.sheet);
  }

  /** @param {Height} height */
  set(height) {
    this.panel.dataset.sheet = height;
    this.panel.style.removeProperty("--sheet");
    this.grip.setAttribute("aria-expanded", String(height !== "low"));
  }

  /** Make sure that what is in the panel can be read. */
  raise() {
    if (this.height === "low") this.set("half");
  }

  /** Tell whether the panel is a sheet now. */
  get active() {
    return NARROW.matches;
  }

  /** @param {PointerEvent} event */
  grab(event) {
    this.grip.setPointerCapture(event.pointerId);
    this.from = { y: event.clientY, height: this.panel.clientHeight, moved: false };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.grip.hasPointerCapture(event.pointerId)) return;
    const up = this.from.y - event.clientY;
    if (Math.abs(up) > SLIP) this.from.moved = true;
    if (this.from.moved) this.panel.style.setProperty("--sheet", `${this.from.height + up}px`);
  }

  drop() {
    if (!this.from.moved) return;
    const share = this.panel.clientHeight / window.innerHeight;
    const nearest = /** @type {Height[]} */ (Object.keys(STOPS)).reduce((a, b) =>
      Math.abs(STOPS[b] - share) < Math.abs(STOPS[a] - share) ? b : a,
    );
    this.set(nearest);
  }
}
