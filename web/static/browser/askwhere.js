/** Where to ask: everywhere, in a named region, in a box, or around a place. One fieldset, one of the four at a time. */

import { combobox } from "./combobox.js";
import { button, el, newId } from "./dom.js";
import { boxWords } from "./frame.js";
import { Gazetteer, kindOf } from "./gazetteer.js";
import { featureIndex } from "./names.js";
import { findPlace } from "./places.js";
import { suggestion } from "./search.js";

/**
 * @typedef {import("./layer.js").Atlas} Atlas
 * @typedef {Omit<import("./ask.js").Question, "filter">} Spatial
 * @typedef {{question: Spatial, title: string}} Asked what is asked, and that in words; an empty question asks everywhere
 */

const KINDS = /** @type {const} */ ({ all: "Everywhere", region: "Region", box: "Box", near: "Near" });
const SIDES = /** @type {const} */ ({ North: 90, West: 180, East: 180, South: 90 });
const MOST = 8;

/** The fields, and what they say. */
export class Where {
  /**
   * @param {L.Map} map
   * @param {Atlas[]} atlases
   * @param {() => void} changed is called when the reader has said something else
   */
  constructor(map, atlases, changed) {
    this.map = map;
    this.atlases = atlases;
    this.changed = changed;
    this.kind = /** @type {keyof typeof KINDS} */ ("all");
    this.said = ""; // what was last read: who leaves a field as it was read asks nothing anew
    this.gazetteer = new Gazetteer(atlases.map(({ context }) => context));
    this.region = field("Country, state, krai or federal district", { type: "search", placeholder: "Primorsky Krai, केरल, RU-PRI" });
    this.place = field("Place, or longitude,latitude", { type: "search", placeholder: "Vladivostok" });
    this.radius = field("Radius in km", { ...NUMBER, min: 0, max: 20003, value: 300 });
    this.sides = Object.entries(SIDES).map(([side, most]) => field(side, { ...NUMBER, min: -most, max: most, placeholder: `±${most}°` }));
    this.bodies = { all: el("div"), region: this.#regionBody(), box: this.#boxBody(), near: this.#nearBody() };
    this.element = el("fieldset", { class: "ca-ask-where" }, el("legend", { class: "ca-hidden" }, "Where"), this.#choice(), ...Object.values(this.bodies));
    this.show("all");
  }

  /**
   * Return what is asked, null where the fields are not filled in yet.
   * @returns {Asked | null}
   * @throws {RangeError} if what they say is nothing, in words for the reader
   */
  read() {
    if (this.kind === "region") return this.#readRegion();
    if (this.kind === "box") return this.#readBox();
    if (this.kind === "near") return this.#readNear();
    return { question: {}, title: "" };
  }

  /** Empty the fields. */
  clear() {
    for (const { input } of [this.region, this.place, ...this.sides]) input.value = "";
    const first = /** @type {HTMLInputElement} */ (this.element.querySelector("[type=radio]"));
    first.checked = true;
    this.show("all");
  }

  /** @param {keyof typeof KINDS} kind */
  show(kind) {
    this.kind = kind;
    for (const [name, body] of Object.entries(this.bodies)) body.hidden = name !== kind;
  }

  #choice() {
    const group = newId();
    const options = Object.entries(KINDS).map(([kind, title]) => {
      const radio = el("input", { type: "radio", name: group, value: kind, checked: kind === "all" });
      radio.addEventListener("change", () => {
        this.show(/** @type {keyof typeof KINDS} */ (kind));
        this.changed();
      });
      return el("label", {}, radio, el("span", {}, title));
    });
    return el("div", { class: "ca-segments" }, ...options);
  }

  #regionBody() {
    const { input } = this.region;
    const body = el("div", { class: "ca-ask-part" }, this.region.label, el("div", { class: "ca-around" }, input));
    combobox({
      input,
      name: "Regions",
      none: "No region with features in this map has such a name.",
      find: (text) => this.gazetteer.find(text, MOST).map((region) => ({ item: region, label: region.name, detail: kindOf(region) })),
      choose: (region) => {
        this.chosen = { text: input.value, id: region.id };
        this.changed();
      },
      submit: () => this.changed(),
    });
    input.addEventListener("change", () => input.value.trim() !== this.said && this.changed());
    return body;
  }

  #boxBody() {
    for (const { input } of this.sides) input.addEventListener("change", this.changed);
    const cells = this.sides.map(({ label, input }, i) => el("div", { class: `ca-side-${i}` }, label, input));
    const view = button("ca-button ca-wide", ["Use the map’s view"], () => {
      const [west, south, east, north] = boxWords(this.map.getBounds()).split(",");
      [north, west, east, south].forEach((value, i) => (this.sides[i].input.value = value));
      this.changed();
    });
    return el("div", { class: "ca-ask-part" }, el("div", { class: "ca-sides" }, ...cells), el("p", { class: "ca-quiet" }, "Degrees; a west above the east crosses 180°."), view);
  }

  #nearBody() {
    const { input } = this.place;
    const index = featureIndex(this.atlases.filter(({ context }) => context.about.geometry === "point"));
    const body = el("div", { class: "ca-ask-part" }, this.place.label, el("div", { class: "ca-around" }, input), this.radius.label, this.radius.input);
    combobox({
      input,
      name: "Places",
      none: "No place has such a name. A position is written as longitude,latitude.",
      find: (text) => index.find(text, MOST).map(suggestion),
      choose: (handle) => {
        this.picked = { text: input.value, key: handle.key };
        this.changed();
      },
      submit: () => this.changed(),
    });
    this.radius.input.addEventListener("change", this.changed);
    // Who types a place and goes on to the radius, whose number may be right as it is, asks as well.
    input.addEventListener("change", () => input.value.trim() !== this.said && this.changed());
    this.radius.input.addEventListener("keydown", (event) => event.key === "Enter" && this.changed());
    return body;
  }

  /** @returns {Asked | null} */
  #readRegion() {
    const text = (this.said = this.region.input.value.trim());
    if (!text) return null;
    const region = this.gazetteer.resolve(this.chosen?.text === text ? this.chosen.id : text);
    return { question: { region: region.id }, title: region.name };
  }

  /** @returns {Asked | null} */
  #readBox() {
    const inputs = this.sides.map(({ input }) => input);
    if (inputs.some((input) => input.value === "" && !input.validity.badInput)) return null;
    const [north, west, east, south] = inputs.map((input) => input.valueAsNumber);
    return { question: { bbox: [west, south, east, north] }, title: `${west}, ${south} to ${east}, ${north}` };
  }

  /** @returns {Asked | null} */
  #readNear() {
    const text = (this.said = this.place.input.value.trim());
    const radius = this.radius.input.valueAsNumber;
    if (!text) return null;
    const near = findPlace(this.picked?.text === text ? this.picked.key : text, this.atlases);
    return { question: { near, radius }, title: `within ${radius} km of ${text}` };
  }
}

const NUMBER = { type: "number", step: "any", inputmode: "decimal" };

/**
 * Return a field with its label.
 * @param {string} title
 * @param {import("./dom.js").Attributes} attributes
 */
function field(title, attributes) {
  const input = el("input", { class: "ca-field", id: newId(), spellcheck: "false", ...attributes });
  return { label: el("label", { for: input.id }, title), input };
}
