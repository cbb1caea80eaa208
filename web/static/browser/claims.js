/** A field of a feature: the value shown, who says so, and what others say. */

import { amount, dated, published, range } from "./amounts.js";
import { cite } from "./citation.js";
import { el } from "./dom.js";

/**
 * @typedef {import("./types.js").Claim} Claim
 * @typedef {import("./types.js").Context} Context
 * @typedef {import("./types.js").Feature} Feature
 * @typedef {import("./types.js").Field} Field
 */

/**
 * Return the claims of one field.
 * @param {Feature} feature
 * @param {Field} field
 */
export function claimsOf(feature, field) {
  return feature.properties.claims.filter((claim) => claim.field === field.id);
}

/**
 * Return a field with its shown value and its other claims.
 * @param {Field} field
 * @param {Feature} feature
 * @param {Context} context
 */
export function value(field, feature, context) {
  const claims = claimsOf(feature, field);
  const shown = claims.find((claim) => claim.shown);
  const others = claims.filter((claim) => claim !== shown);
  const said = shown ? shownValue(shown, field, feature, context) : [el("b", { class: "ca-none" }, "No value of its own")];
  return el(
    "div",
    { class: "ca-row" },
    el("dt", { title: field.description || null }, field.title),
    el("dd", {}, ...said, others.length > 0 && disclosed(others, claims, field, context, Boolean(shown))),
  );
}

/**
 * @param {Claim} claim
 * @param {Field} field
 * @param {Feature} feature
 * @param {Context} context
 */
function shownValue(claim, field, feature, context) {
  const converted = field.kind === "quantity" && claim.unit !== field.unit;
  return [
    el("b", { class: field.kind === "text" ? "ca-text" : "ca-number" }, published(claim, field)),
    converted && el("span", { class: "ca-same" }, ` = ${amount(feature.properties[field.id], field.unit)}`),
    ...particulars(claim, context),
  ];
}

/**
 * Return what stands behind a value: category, date, source, note.
 * @param {Claim} claim
 * @param {Context} context
 */
function particulars(claim, context) {
  const before = [claim.category === "computed" ? "" : claim.category, claim.as_of && `as of ${dated(claim.as_of)}`];
  const said = before.filter(Boolean).join(", ");
  return [
    el("span", { class: "ca-said" }, said && `${said} · `),
    cite(claim.source, context),
    claim.note && el("span", { class: "ca-note" }, ` · ${claim.note}`),
  ];
}

/**
 * @param {Claim[]} others
 * @param {Claim[]} all
 * @param {Field} field
 * @param {Context} context
 * @param {boolean} beside whether another claim is shown
 */
function disclosed(others, all, field, context, beside) {
  const span = range(all, field);
  const count = `${others.length} ${beside ? "other " : ""}${others.length === 1 ? "claim" : "claims"}`;
  const items = others.map((claim) => el("li", {}, el("b", {}, published(claim, field)), ...particulars(claim, context)));
  return el(
    "details",
    { class: "ca-claims" },
    el("summary", {}, beside ? count : `${count} kept aside`, span && el("span", { class: "ca-range" }, `all claims: ${span}`)),
    el("ul", {}, ...items),
  );
}
