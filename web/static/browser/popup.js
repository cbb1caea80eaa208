/** One feature with everything known of it: in a popup, and in the explorer's panel. */

import { COMPUTED, MADE, bibliography, cite } from "./citation.js";
import { claimsOf, value } from "./claims.js";
import { el } from "./dom.js";
import { legs } from "./legs.js";
import { choiceOf, colourOf, symbol } from "./symbols.js";

/**
 * @typedef {import("./types.js").Context} Context
 * @typedef {import("./types.js").Feature} Feature
 * @typedef {import("./types.js").Field} Field
 * @typedef {{brief?: boolean}} Look `brief` folds away all but the first values
 */

const FIRST = 3; // values that a brief card shows
const LANGUAGES = /** @type {const} */ (["ru", "hi"]);

/**
 * Return a feature's card.
 * @param {import("./types.js").Handle} handle
 * @param {Look} [look]
 */
export function card({ feature, context }, look) {
  return popup(feature, context, look);
}

/**
 * Return a feature's card: names, place, values with their sources, other claims, legs, what is missing, citation.
 * @param {Feature} feature
 * @param {Context} context
 * @param {Look} [look]
 * @returns {HTMLElement}
 */
export function popup(feature, context, { brief = false } = {}) {
  const { reported, missing } = split(feature, context.about.fields);
  const first = brief ? headlines(reported) : reported;
  const rest = reported.filter((field) => !first.includes(field));
  const row = (/** @type {Field} */ field) => value(field, feature, context);
  const below = [rest.length > 0 && values(rest.map(row)), legs(feature, context), absent(missing), foot(feature, context)];
  return el(
    "article",
    { class: brief ? "ca-popup ca-brief" : "ca-popup", tabindex: -1, "aria-label": feature.properties.name },
    head(feature, context),
    first.length > 0 && values(first.map(row)),
    ...(brief ? [folded(rest.length, below)] : below),
  );
}

/** @param {HTMLElement[]} rows */
function values(rows) {
  return el("dl", { class: "ca-values" }, ...rows);
}

/**
 * @param {number} count of values within
 * @param {import("./dom.js").Child[]} children
 */
function folded(count, children) {
  const title = count ? `${count} more ${count === 1 ? "value" : "values"}, sources` : "Position, sources";
  return el("details", { class: "ca-more" }, el("summary", {}, title), ...children);
}

/**
 * Return the fields that say most in little: quantities, then whatever comes first.
 * @param {Field[]} fields
 */
function headlines(fields) {
  const isFigure = (/** @type {Field} */ { kind, unit }) => kind === "quantity" && unit !== "year";
  return [...fields.filter(isFigure), ...fields.filter((field) => !isFigure(field))].slice(0, FIRST);
}

/**
 * Tell the fields that somebody reports from those that nobody does.
 * @param {Feature} feature
 * @param {Field[]} fields
 */
function split(feature, fields) {
  const reported = fields.filter((field) => claimsOf(feature, field).length > 0);
  return { reported, missing: fields.filter((field) => !reported.includes(field) && !field.computed) };
}

/**
 * @param {Feature} feature
 * @param {Context} context
 */
function head(feature, context) {
  const p = feature.properties;
  const { about } = context;
  const choice = choiceOf(about, p);
  const kind = [about.title.en, choice?.title].filter(Boolean).join(" · ");
  return el(
    "header",
    { class: "ca-head" },
    el("p", { class: "ca-kicker" }, symbol(about.style.shape, colourOf(about, p)), kind),
    el("h3", { class: "ca-name" }, p.name),
    ...LANGUAGES.map((language) => otherName(feature, context, language)),
    where(feature, context),
    disputed(feature, context),
  );
}

/**
 * @param {Feature} feature
 * @param {Context} context
 * @param {"ru" | "hi"} language
 */
function otherName({ properties: p }, context, language) {
  const [name, source] = [p[`name_${language}`], p[`name_${language}_source`]];
  return (
    name && el("p", { class: "ca-other" }, el("span", { lang: language }, name), source && el("small", {}, " ", cite(source, context)))
  );
}

/**
 * @param {Feature} feature
 * @param {Context} context
 */
function where({ properties: p }, context) {
  const codes = [p.admin1, p.country].filter((code) => code !== null && code !== undefined);
  const names = codes.map((code) => nameOf(code, context));
  return names.length > 0 && el("p", { class: "ca-where" }, names.join(", "));
}

/**
 * @param {Feature} feature
 * @param {Context} context
 */
function disputed({ properties: p }, context) {
  if (!p.disputed?.length) return null;
  const claimants = p.disputed.map((code) => nameOf(code, context)).join(" and ");
  return el("p", { class: "ca-disputed" }, `Disputed: claimed by ${claimants}. Listed by the de facto line.`);
}

/**
 * @param {string} code
 * @param {Context} context
 */
function nameOf(code, context) {
  const known = context.regions[code]?.name;
  if (known) return known;
  try {
    return new Intl.DisplayNames("en", { type: "region" }).of(code) ?? code;
  } catch {
    return code; // no country's code
  }
}

/** @param {Field[]} fields */
function absent(fields) {
  const unchecked = fields.filter((field) => field.id.includes("sanction"));
  const unreported = fields.filter((field) => !unchecked.includes(field));
  return el("div", { class: "ca-absent" }, list("Not checked", unchecked), list("Not reported", unreported));
}

/**
 * @param {string} term
 * @param {Field[]} fields
 */
function list(term, fields) {
  return fields.length > 0 && el("p", {}, el("b", {}, `${term}: `), fields.map((field) => field.title).join("; "));
}

/**
 * @param {Feature} feature
 * @param {Context} context
 */
function foot(feature, context) {
  const { about, release } = context;
  const used = sourcesOf(feature);
  return el(
    "footer",
    { class: "ca-foot" },
    position(feature, context),
    el("details", {}, el("summary", {}, `Sources (${used.size})`), el("ul", {}, ...bibliography(used, context))),
    el("p", {}, about.rule),
    el("p", { class: "ca-cite" }, `Corridor Atlas, release ${release} · ${about.licence}`),
  );
}

/**
 * @param {Feature} feature
 * @param {Context} context
 */
function position({ geometry, properties: p }, context) {
  if (geometry.type !== "Point") return null;
  const [lon, lat] = geometry.coordinates;
  const exact = p.accuracy_km === undefined || p.accuracy_km === null ? "" : `, ± ${p.accuracy_km} km`;
  const degrees = `${angle(lat, "N", "S")} ${angle(lon > 180 ? lon - 360 : lon, "E", "W")}${exact}`;
  const note = p.position_note ? ` · ${p.position_note}` : "";
  return el("p", { class: "ca-place" }, `Position ${degrees} · `, p.position_source && cite(p.position_source, context), note);
}

/**
 * @param {number} degrees
 * @param {string} positive
 * @param {string} negative
 */
function angle(degrees, positive, negative) {
  return `${Number(Math.abs(degrees).toFixed(4))}° ${degrees < 0 ? negative : positive}`;
}

/** @param {Feature} feature */
function sourcesOf({ properties: p }) {
  const own = [p.position_source, p.name_ru_source, p.name_hi_source];
  const all = [...p.claims.map((c) => c.source), ...(p.legs ?? []).flatMap((leg) => leg.sources), ...own, p.legs && COMPUTED];
  return new Set(all.filter((id) => typeof id === "string" && id !== "" && !Object.hasOwn(MADE, id)).map(String));
}
