/** The filters that a layer's declaration offers, and the CQL2 text that means the same to `corridor query --filter`. */

import { casefold } from "./casefold.js";

/**
 * What a property must fulfil, all of it: one of several values, a range, a text that it contains, or any value at all.
 * @typedef {{in?: string[], min?: number, max?: number, contains?: string, has?: boolean}} Condition
 * @typedef {Record<string, Condition>} Filters by property
 */

/** Words of CQL2 that are no property's name unless it is quoted. */
const RESERVED = /^(and|or|not|like|between|in|is|null|true|false|div|casei|accenti|date|timestamp|interval)$/i;
const PLAIN = /^[a-z_][a-z0-9_]*$/i;

/**
 * Tell whether a feature's properties fulfil every condition; no value fulfils none.
 * @param {Filters} filters
 * @param {Record<string, unknown>} properties
 */
export function matches(filters, properties) {
  return Object.entries(filters).every(([property, condition]) => fulfils(condition, properties[property]));
}

/**
 * Return filters as CQL2 text, empty where there are none.
 * @param {Filters} filters
 */
export function filterText(filters) {
  return Object.entries(filters)
    .flatMap(([property, condition]) => clauses(quotedName(property), condition))
    .join(" AND ");
}

/**
 * @param {Condition} condition
 * @param {unknown} value
 */
function fulfils({ in: values, min, max, contains, has }, value) {
  if (values === undefined && min === undefined && max === undefined && contains === undefined && !has) return true;
  if (value === null || value === undefined) return false;
  if (values !== undefined && !values.includes(/** @type {string} */ (value))) return false;
  if (min !== undefined && !(typeof value === "number" && value >= min)) return false;
  if (max !== undefined && !(typeof value === "number" && value <= max)) return false;
  return contains === undefined || (typeof value === "string" && caseless(value).includes(caseless(contains)));
}

/**
 * Return a text as CASEI compares it, after canonical caseless folding (Unicode 15.0, section 3.13, D145).
 * @param {string} text
 */
function caseless(text) {
  return casefold(text.normalize("NFD")).normalize("NFC");
}

/**
 * @param {string} name
 * @param {Condition} condition
 */
function clauses(name, { in: values, min, max, contains, has }) {
  return [
    values !== undefined && `${name} IN (${values.map(quoted).join(",")})`,
    min !== undefined && `${name} >= ${min}`,
    max !== undefined && `${name} <= ${max}`,
    contains !== undefined && `CASEI(${name}) LIKE CASEI(${quoted(`%${contains.replace(/[\\%_]/g, "\\$&")}%`)})`,
    has && `${name} IS NOT NULL`,
  ].filter((clause) => typeof clause === "string");
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @param {string} name */
function quotedName(name) {
  return PLAIN.test(name) && !RESERVED.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
