/** Values for reading: what was published, in the unit in which it was, beside the unit in which the atlas shows the field. */

/**
 * @typedef {import("./types.js").Field} Field
 * @typedef {import("./types.js").Claim} Claim
 */

const UNSAID = new Set(["", "count", "year"]);

/** Of each unit of a claim, how many of the field's unit it makes: exact by definition, as in layers/units.py. */
/** @type {Record<string, number>} */
const FACTORS = { kt: 1e3, Mt: 1e6, "kt/y": 1e3, "Mt/y": 1e6, "kTEU/y": 1e3, kTEU: 1e3, ppm: 1e-4, nm: 1.852, m2: 1e-4, acres: 0.40468564224 };

/**
 * Return a number or text with its unit.
 * @param {unknown} value
 * @param {string} unit
 */
export function amount(value, unit) {
  if (typeof value !== "number") return String(value);
  const grouped = unit !== "year" && Math.abs(value) >= 10_000;
  const text = value.toLocaleString("en-GB", { maximumSignificantDigits: 10, useGrouping: grouped });
  return UNSAID.has(unit) ? text : `${text} ${unit}`;
}

/**
 * Return the value of a claim as it was published, a choice by its title.
 * @param {Claim} claim
 * @param {Field} field
 */
export function published(claim, field) {
  const choice = field.choices.find((c) => c.id === claim.value);
  return choice ? choice.title : amount(claim.value, claim.unit);
}

/**
 * Return from where to where the claims of a field reach, or null where they agree or cannot be compared.
 * @param {Claim[]} claims
 * @param {Field} field
 */
export function range(claims, field) {
  if (field.kind !== "quantity" || field.unit === "year") return null;
  const unit = claims.find((c) => c.shown)?.unit ?? claims[0].unit;
  const values = claims.map((claim) => inUnit(claim, field.unit) / factor(unit, field.unit));
  if (values.some((v) => !Number.isFinite(v))) return null;
  const [least, most] = [Math.min(...values), Math.max(...values)].map((v) => Number(v.toPrecision(6)));
  return least === most ? null : `${amount(least, "")} to ${amount(most, unit)}`;
}

/**
 * Return a date of the ledger: a day, month, year, or two with a slash between.
 * @param {string} date
 */
export function dated(date) {
  return date.replace("/", " to ");
}

/**
 * @param {Claim} claim
 * @param {string} unit
 */
function inUnit(claim, unit) {
  return typeof claim.value === "number" ? claim.value * factor(claim.unit, unit) : NaN;
}

/**
 * @param {string} from
 * @param {string} to
 */
function factor(from, to) {
  return from === to ? 1 : (FACTORS[from] ?? NaN);
}
