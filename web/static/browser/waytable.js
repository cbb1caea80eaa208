/** Ways by sea compared, and what is to be said of one: for the explorer's panel, and for a map that stands alone. */

import { dated } from "./amounts.js";
import { bibliography, cite } from "./citation.js";
import { button, el } from "./dom.js";
import { spelt } from "./legs.js";
import { grouped } from "./ways.js";

/**
 * @typedef {import("./ways.js").Beside} Beside
 * @typedef {import("./ways.js").Closed} Closed
 * @typedef {import("./ways.js").Collection} Collection
 * @typedef {import("./ways.js").Corridor} Corridor
 * @typedef {import("./ways.js").Emitted} Emitted
 * @typedef {import("./ways.js").Journey} Journey
 * @typedef {import("./ways.js").Unclosed} Unclosed
 * @typedef {import("./dom.js").Child} Child
 * @typedef {{length_nm: number, days: number | null, extra_nm?: number | null, extra_days?: number | null}} Measures
 */

const FEW = 4; // published values that are shown at once
const SCOPES = /** @type {const} */ ([["ttw_kg_per_t", "Tank to wake"], ["wtw_kg_per_t", "Well to wake"]]);

/**
 * Return the ways of an answer as a table, best first, with what the closures cost and the corridors over land below; where
 * there is no way, the reason.
 * @param {Collection} collection
 * @param {{choose?: (number: number) => void, chosen?: number}} [options] `choose` makes each number a button
 * @returns {HTMLElement}
 */
export function wayTable(collection, { choose, chosen = 1 } = {}) {
  const { features, reason, unclosed, corridors = [] } = collection;
  const names = passageNames(collection);
  const best = features[0]?.properties;
  const ways = features.map(({ properties }, index) => wayRows(properties, { number: index + 1, best, choose, chosen }));
  const rows = [...ways, unclosed && openRows(unclosed, names, best), ...corridors.map((one) => corridorRows(one, names, best))];
  const nowhere = !features.length && el("p", { class: "ca-nowhere" }, reason ?? "There is no way by sea.");
  return el("div", { class: "ca-ways" }, nowhere, rows.some(Boolean) && table(collection, rows));
}

/**
 * Return everything that is to be said of one way of an answer, section by section: what it passes, what was closed and why,
 * what is published, corridors over land leg by leg, emissions, what was assumed, sources.
 * @param {Collection} collection
 * @param {{chosen?: number}} [options]
 * @returns {HTMLElement[]}
 */
export function wayFacts(collection, { chosen = 1 } = {}) {
  const journey = collection.features[chosen - 1]?.properties;
  return present([journey && passedFact(journey), closedFact(collection), ...moreFacts(collection, { chosen })]);
}

/**
 * Return what is to be said of a way besides its passages and closures.
 * @param {Collection} collection
 * @param {{chosen?: number}} [options]
 * @returns {HTMLElement[]}
 */
export function moreFacts(collection, { chosen = 1 } = {}) {
  const journey = collection.features[chosen - 1]?.properties;
  return present([
    journey && claimsFact(journey, collection),
    corridorsFact(collection),
    journey && emissionsFact(journey.emissions, collection),
    assumedFact(collection),
    sourcesFact(collection),
  ]);
}

/**
 * Return who says so, for each of these sources.
 * @param {string[]} sources
 * @param {Collection} collection
 * @returns {Child[]}
 */
export function cited(sources, collection) {
  return sources.flatMap((source, index) => [index > 0 && ", ", cite(source, collection)]);
}

/**
 * Return the names of the passages that an answer names, by id.
 * @param {Collection} collection
 * @returns {Map<string, string>}
 */
export function passageNames({ features, closed }) {
  const said = [...features.flatMap(({ properties }) => properties.passed), ...closed];
  return new Map(said.map(({ passage, name }) => [passage, name]));
}

/**
 * Return how far from the start a passage is met.
 * @param {import("./ways.js").Passed} passed
 */
export function metAfter({ at_nm: nm }) {
  return nm === null ? "on the way" : `after ${grouped(nm)} nm`;
}

// --- the table

/**
 * @param {Collection} collection
 * @param {Child[]} rows
 */
function table({ features }, rows) {
  const { from, to } = features[0]?.properties ?? {};
  const heads = ["Way", "nm", "days", "extra"].map((text, i) => el("th", { scope: "col", class: i ? "ca-figure" : null }, text));
  const caption = from ? `Ways from ${from} to ${to}, the shortest first` : "Other ways";
  return el("table", {}, el("caption", { class: "ca-hidden" }, caption), el("thead", {}, el("tr", {}, ...heads)), ...rows);
}

/**
 * @param {Journey} journey
 * @param {{number: number, best: Journey, choose?: (number: number) => void, chosen: number}} among
 */
function wayRows(journey, { number, best, choose, chosen }) {
  const on = number === chosen;
  const extra = journey === best ? {} : { extra_nm: journey.length_nm - best.length_nm, extra_days: journey.days - best.days };
  const text = el("span", { class: on ? "ca-way-number ca-strong" : "ca-way-number" }, String(number));
  const label = { "aria-label": `Way ${number}`, "aria-pressed": String(on), "data-way": number };
  const head = choose ? button("ca-way-choice", [text], () => choose(number), label) : text;
  const by = journey.passed.map(({ name }) => short(name));
  const rows = el("tbody", { class: "ca-way-row", "aria-current": on ? "true" : null }, figures(head, { ...journey, ...extra }), through(by));
  // The button serves the keyboard; a pointer may press anywhere in the row.
  if (choose) rows.addEventListener("click", (event) => event.target instanceof Element && !event.target.closest("button") && choose(number));
  return rows;
}

/**
 * @param {Unclosed} unclosed
 * @param {Map<string, string>} names
 * @param {Journey | undefined} best
 */
function openRows(unclosed, names, best) {
  const { extra_nm: nm, extra_days: days } = unclosed;
  const costs = best && isNumber(nm) ? `It costs ${grouped(nm)} nm and ${grouped(days ?? 0, 1)} days.` : null;
  return el(
    "tbody",
    { class: "ca-way-open" },
    el("tr", {}, el("th", { scope: "rowgroup", colspan: 4 }, "Without what was closed or avoided", costs && el("small", {}, costs))),
    figures("", { ...unclosed, extra_nm: isNumber(nm) ? -nm : null, extra_days: isNumber(days) ? -days : null }),
    through(unclosed.passages.map((id) => short(names.get(id) ?? spelt(id)))),
  );
}

/**
 * @param {Corridor} corridor
 * @param {Map<string, string>} names
 * @param {Journey | undefined} best
 */
function corridorRows(corridor, names, best) {
  const extra = best && { extra_nm: corridor.length_nm - best.length_nm, extra_days: corridor.days === null ? null : corridor.days - best.days };
  return el(
    "tbody",
    { class: "ca-way-land" },
    el("tr", {}, el("th", { scope: "rowgroup", colspan: 4 }, corridor.name, el("small", {}, corridor.modes.join(", ")))),
    figures("", { ...corridor, ...extra }),
    corridor.passages.length > 0 && through(corridor.passages.map((id) => short(names.get(id) ?? spelt(id)))),
  );
}

/**
 * @param {Child} head
 * @param {Measures} measures
 */
function figures(head, { length_nm: nm, days, extra_nm: more, extra_days: longer }) {
  const extra = [isNumber(more) && el("span", {}, `${signed(more, 0)} nm`), isNumber(longer) && el("span", {}, `${signed(longer, 1)} d`)];
  return el(
    "tr",
    {},
    head ? el("th", { scope: "row" }, head) : el("td"),
    figure(grouped(nm)),
    days === null ? el("td", { class: "ca-figure ca-quiet" }, "not cited") : figure(grouped(days, 1)),
    el("td", { class: "ca-figure ca-extra" }, ...(extra.some(Boolean) ? extra : ["–"])),
  );
}

/** @param {string} text */
function figure(text) {
  return el("td", { class: "ca-figure" }, text);
}

/** @param {string[]} names */
function through(names) {
  return el("tr", { class: "ca-way-by" }, el("td", { colspan: 4 }, names.length ? names.join(", ") : "No passage that can be closed"));
}

// --- facts

/**
 * @param {string} title
 * @param {Child[]} children
 */
function fact(title, children) {
  return el("section", { class: "ca-fact" }, el("h3", {}, title), ...children);
}

/**
 * @param {string} title
 * @param {Child[]} children
 */
function folded(title, children) {
  return el("details", { class: "ca-fact" }, el("summary", {}, title), ...children);
}

/** @param {Journey} journey */
function passedFact(journey) {
  const rows = journey.passed.map((one) => el("li", {}, el("span", {}, one.name), el("span", { class: "ca-count" }, metAfter(one))));
  return fact("What it passes", [rows.length ? el("ol", { class: "ca-passed" }, ...rows) : el("p", {}, "No passage that can be closed.")]);
}

/** @param {Collection} collection */
function closedFact(collection) {
  if (!collection.closed.length) return null;
  const rows = collection.closed.map((one) =>
    el("li", {}, el("b", {}, one.name), el("p", { class: "ca-quiet" }, ...why(one, collection))),
  );
  return fact("Closed", [el("ul", { class: "ca-closed" }, ...rows)]);
}

/**
 * Return why a passage is closed, and who says so.
 * @param {Closed} closed
 * @param {Collection} collection
 * @returns {Child[]}
 */
export function why({ by, reason, sources }, collection) {
  return [by === "asked" ? "As asked." : reason, sources.length > 0 && " · ", ...cited(sources, collection)];
}

/**
 * @param {Journey} journey
 * @param {Collection} collection
 */
function claimsFact({ claims }, collection) {
  if (!claims.length) return null;
  const groups = [...new Set(claims.map((one) => one.trade_route_name).filter(Boolean))];
  const rows = claims.map((one) => claimRow(one, collection));
  const rest = rows.slice(FEW);
  return fact("Published beside computed", [
    groups.length > 0 && el("p", { class: "ca-quiet" }, `Of ${groups.join("; ")}.`),
    claimTable(rows.slice(0, FEW), "Published values beside what is computed"),
    rest.length > 0 && folded(`${rest.length} more`, [claimTable(rest, "More published values beside what is computed")]),
  ]);
}

/**
 * @param {HTMLElement[]} rows
 * @param {string} caption
 */
function claimTable(rows, caption) {
  const heads = ["Published", "Computed", "Difference"].map((text, i) => el("th", { scope: "col", class: i ? "ca-figure" : null }, text));
  return el("table", { class: "ca-beside" }, el("caption", { class: "ca-hidden" }, caption), el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/**
 * @param {Beside} one
 * @param {Collection} collection
 */
function claimRow({ value, unit, computed, difference_pct: apart, category, as_of: date, source, note }, collection) {
  const asOf = date && date !== collection.sources[source]?.published && `as of ${dated(date)}`;
  const said = [category, asOf].filter(Boolean).join(", ");
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("b", {}, `${value.toLocaleString("en-GB")}\u00a0${unit}`), el("small", {}, cite(source, collection), said && ` · ${said}`, note && ` · ${note}`)),
    // What speaks of a part or of other legs is shown, and compared with nothing.
    figure(isNumber(computed) ? `${grouped(computed, unit === "days" ? 1 : 0)} ${unit}` : "–"),
    figure(!isNumber(apart) ? "–" : Math.abs(apart) < 0.5 ? "0 %" : `${signed(apart, 0)} %`),
  );
}

/** @param {Collection} collection */
function corridorsFact(collection) {
  const { corridors = [], notes = [] } = collection;
  if (!corridors.length && !notes.length) return null;
  const said = notes.map((note) => el("p", { class: "ca-quiet" }, note));
  return fact("Corridors over land", [...corridors.map((one) => corridorDetails(one, collection)), ...said]);
}

/**
 * @param {Corridor} corridor
 * @param {Collection} collection
 */
function corridorDetails({ name, legs, claims = [], emissions = [], notes = [] }, collection) {
  const rows = legs.map((leg) => {
    const said = [leg.mode, `${grouped(leg.length_km)} km`, leg.days === null ? "no cited time" : `${grouped(leg.days, 1)} days`];
    const sources = leg.sources ?? [];
    said.push(`length ${leg.length_source}`);
    return el("li", {}, el("b", {}, `${leg.from} → ${leg.to}`), el("p", { class: "ca-quiet" }, said.join(" · "), sources.length > 0 && " · ", ...cited(sources, collection)));
  });
  return folded(name, [
    el("ol", { class: "ca-closed" }, ...rows),
    claims.length > 0 && claimTable(claims.map((one) => claimRow(one, collection)), `Published values of ${name}`),
    emissions.length > 0 && emissionTable(emissions, collection),
    ...notes.map((note) => el("p", { class: "ca-quiet" }, note)),
  ]);
}

/**
 * @param {Emitted[]} emissions
 * @param {Collection} collection
 */
function emissionsFact(emissions, collection) {
  return emissions.length > 0 && folded("Emissions of a tonne", [emissionTable(emissions, collection)]);
}

/**
 * @param {Emitted[]} emissions
 * @param {Collection} collection
 */
function emissionTable(emissions, collection) {
  const heads = ["kg CO₂e a tonne", ...SCOPES.map(([, title]) => title)].map((text, i) => el("th", { scope: "col", class: i ? "ca-figure" : null }, text));
  const rows = emissions.map((one) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, one.ship, el("small", {}, `factors of ${one.year} · `, ...cited(one.sources, collection))),
      ...SCOPES.map(([scope]) => figure(one[scope] === null ? "no factor" : grouped(Number(one[scope]), 1))),
    ),
  );
  return el("table", { class: "ca-beside" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

/** @param {Collection} collection */
function assumedFact({ assumptions, features }) {
  const [start, end] = features[0]?.properties.legs[0]?.access_km ?? [];
  const access = isNumber(start) && isNumber(end) && `Lengths are geodesic on WGS 84, with the straight legs that join the ends to the network: ${grouped(start)} km and ${grouped(end)} km.`;
  const lines = [...assumptions, access].filter((line) => typeof line === "string");
  return lines.length > 0 && fact("What is assumed", [el("ul", { class: "ca-assumed" }, ...lines.map((line) => el("li", {}, line)))]);
}

/** @param {Collection} collection */
function sourcesFact({ sources, release }) {
  const entries = bibliography(Object.keys(sources), { sources, release });
  return entries.length > 0 && folded(`Sources (${entries.length})`, [el("ul", { class: "ca-cited" }, ...entries), el("p", { class: "ca-quiet" }, `Corridor Atlas, release ${release}`)]);
}

// --- words

/**
 * Return a name without what stands in brackets.
 * @param {string} name
 */
function short(name) {
  return name.replace(/ \(.*\)$/, "");
}

/**
 * @param {number} number
 * @param {number} decimals
 */
function signed(number, decimals) {
  const text = grouped(Math.abs(number), decimals);
  return Number(text.replaceAll(",", "")) === 0 ? text : `${number < 0 ? "−" : "+"}${text}`;
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isNumber(value) {
  return typeof value === "number";
}

/**
 * @param {(HTMLElement | null | undefined | false)[]} sections
 * @returns {HTMLElement[]}
 */
function present(sections) {
  return /** @type {HTMLElement[]} */ (sections.filter(Boolean));
}
