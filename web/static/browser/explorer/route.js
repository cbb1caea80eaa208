/** The tab Route: the way that is asked for, its answer in the panel and on the map. */

import { byId } from "../dom.js";
import { fit } from "../goto.js";
import { ways } from "../ways.js";
import { faultList } from "./region.js";
import { hideAnswer, inShort, showAnswer, showWay, titleOf } from "./routeanswer.js";
import { RouteForm } from "./routeform.js";
import { RoutePoints } from "./routepoints.js";
import { Switches } from "./routeswitches.js";
import { Closures, byHabit, routeWords } from "./routewords.js";
import { Refusal, get, query } from "./server.js";
import { entitle } from "./tabs.js";

/**
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("../ways.js").Collection} Collection
 * @typedef {import("./explorer.js").Session} Session
 * @typedef {import("./routewords.js").Route} Route
 * @typedef {{move?: boolean, fly?: boolean}} Look `move` turns map and panel to the answer
 */

const HASH = /^#way=(\d)$/;

/** The route that is asked for. */
export class Routing {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.running = new AbortController();
    this.asked = "";
    /** @type {Collection | null} */
    this.answer = null;
    /** @type {import("../ways.js").Ways | null} */
    this.drawn = null;
    this.chosen = 1;
    this.title = "";
    this.closures = new Closures();
    const toggle = (/** @type {string} */ id) => this.toggle(id);
    const end = (/** @type {"from" | "to"} */ which, /** @type {Handle} */ handle) => this.end(which, handle);
    this.switches = new Switches(session.passages, { closures: this.closures, toggle });
    this.points = new RoutePoints(session, { closures: this.closures, toggle, end });
    this.form = new RouteForm(session, { changed: () => this.ask(), submitted: () => this.ask({ move: true }) });
    byId("route-clear").addEventListener("click", () => this.clear());
    this.showClosures();
  }

  /**
   * Show the route that the address asks for.
   * @param {Route} route
   * @param {Look} look
   */
  async open(route, look) {
    const way = Number(HASH.exec(location.hash)?.[1] ?? 1);
    this.form.fill(route);
    this.closures.fill(route);
    this.showClosures();
    await this.ask(look);
    if (this.answer && way > 1 && way <= this.answer.features.length) this.choose(way);
  }

  /** @returns {Route} */
  get route() {
    const { close, open } = this.closures;
    return { ...this.form.read(), close: [...close].sort(), open: [...open].sort() };
  }

  /**
   * Close a passage or open it, and ask again.
   * @param {string} id
   */
  toggle(id) {
    this.closures.toggle(id, { byHabit: byHabit(id, this.route.draught) });
    this.showClosures();
    this.ask();
  }

  /**
   * Take a port of the map as an end.
   * @param {"from" | "to"} which
   * @param {Handle} handle
   */
  end(which, handle) {
    const { map, views, sheet } = this.session;
    map.closePopup();
    views.show("tab-route");
    sheet.raise();
    this.form.ends[which].set(handle.key);
    this.form.ends.next(() => this.ask({ move: true }));
  }

  /**
   * Ask, where both ends are given and something has changed since.
   * @param {Look} [look]
   * @returns {Promise<void>}
   */
  async ask({ move = false, fly = true } = {}) {
    const { session, route } = this;
    const words = query(routeWords(route));
    if (!route.from || !route.to) return;
    if (move) session.views.show("tab-route");
    if (move) session.sheet.raise();
    if (words === this.asked) return move ? this.look(fly) : undefined;
    this.asked = words;
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    this.busy(true);
    const whole = this.inView();
    try {
      const answer = await get(`${session.endpoints.routes}?${words}&f=geojson`, signal);
      if (signal.aborted) return;
      session.address.set({ route });
      this.show(answer, route);
      if (move) this.look(fly);
      else if (whole && !this.inView()) this.fit(fly);
    } catch (error) {
      if (!signal.aborted) this.refused(error);
    } finally {
      if (!signal.aborted) this.busy(false);
    }
  }

  /** @param {boolean} on */
  busy(on) {
    byId("view-route").setAttribute("aria-busy", String(on));
    if (on) byId("route-faults").replaceChildren();
    if (on) this.form.blame([]);
  }

  /**
   * @param {Collection} answer
   * @param {Route} route
   */
  show(answer, route) {
    const { find, endpoints, map } = this.session;
    const title = titleOf(route, answer, (word) => find(word)?.feature.properties.name ?? word);
    this.answer = answer;
    this.title = title;
    this.chosen = 1;
    this.remember();
    delete byId("view-route").dataset.stale;
    entitle(title);
    this.closures.learn(answer.closed);
    const choose = (/** @type {number} */ number) => this.choose(number);
    showAnswer(answer, { chosen: 1, choose, title, address: `${endpoints.routes}?${query(routeWords(route))}` });
    this.drawn?.remove();
    this.drawn = ways(answer, { choose }).addTo(map);
    this.showClosures();
  }

  /**
   * Make another way the strong one.
   * @param {number} number
   */
  choose(number) {
    if (!this.answer) return;
    this.chosen = number;
    this.remember();
    this.drawn?.choose(number);
    showWay(this.answer, { chosen: number, choose: (other) => this.choose(other) });
    this.showClosures();
  }

  /** Keep in the address which way is strong: no step of its own, and nothing that the server is asked. */
  remember() {
    const hash = this.chosen > 1 ? `#way=${this.chosen}` : "";
    history.replaceState(history.state, "", `${location.pathname}${location.search}${hash}`);
  }

  showClosures() {
    const journey = this.answer?.features[this.chosen - 1]?.properties ?? null;
    this.switches.show({ answer: this.answer, journey });
    // Before anything is asked, the map shows what the reader has closed, and no habit of an answer that is not there.
    const said = this.answer ? `${this.title}: ${inShort(this.answer)}` : "";
    this.points.show((id) => (this.answer ? this.closures.isClosed(id) : this.closures.close.has(id)), said);
  }

  /**
   * Turn map and panel to the answer.
   * @param {boolean} fly
   */
  look(fly) {
    this.fit(fly);
    if (this.session.sheet.active) byId("route-answer").scrollIntoView({ block: "start" });
  }

  /** @param {boolean} fly */
  fit(fly) {
    if (this.drawn) fit(this.session.map, this.drawn.getBounds(), fly);
  }

  /** Tell whether all that is drawn is in view: the reader then looks at the whole, not at a part. */
  inView() {
    const bounds = this.drawn?.getBounds();
    return Boolean(bounds?.isValid() && this.session.map.getBounds().contains(bounds));
  }

  /** @param {unknown} error */
  refused(error) {
    const faults = error instanceof Refusal ? error.faults : [String(error)];
    // What was refused may be asked again: the server may be back.
    this.asked = "";
    byId("view-route").dataset.stale = "true";
    byId("route-faults").replaceChildren(faultList(faults));
    this.form.blame(faults);
  }

  clear() {
    const { address } = this.session;
    this.running.abort();
    this.busy(false);
    this.asked = "";
    this.answer = null;
    this.chosen = 1;
    this.drawn?.remove();
    this.drawn = null;
    this.closures.fill({ close: [], open: [] });
    this.closures.forget();
    this.form.clear();
    hideAnswer();
    byId("route-faults").replaceChildren();
    delete byId("view-route").dataset.stale;
    address.set({ route: null });
    this.remember();
    entitle(null);
    this.showClosures();
    this.form.ends.from.input.focus();
  }
}
