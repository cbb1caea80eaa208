/** Questions to the server. */

/** What the server refused, in the words in which it said so (RFC 9457). */
export class Refusal extends Error {
  /** @param {string[]} faults */
  constructor(faults) {
    super(faults.join(" "));
    this.faults = faults;
  }
}

/**
 * Return the JSON at an address.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 * @throws {Refusal} where the server refuses or is not there
 */
export async function get(address, signal) {
  const response = await fetch(address, { signal, headers: { Accept: "application/json" } }).catch((error) => {
    throw signal?.aborted ? error : new Refusal(["The server cannot be reached. Try again when it runs."]);
  });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Refusal(problem.faults ?? [problem.detail ?? `${response.status} ${response.statusText}`]);
}

/**
 * Return a query string of the words that are given.
 * @param {Record<string, string | null | undefined>} words
 */
export function query(words) {
  return new URLSearchParams(Object.entries(words).flatMap(([k, v]) => (v ? [[k, v]] : []))).toString();
}

/**
 * @typedef {{id: string, kind: string, name: string, name_ru: string, name_hi: string, country: string | null, score: number}} Region
 */

/**
 * Return the regions whose names resemble a text.
 * @param {string} address
 * @param {string} text
 * @param {AbortSignal} [signal]
 * @returns {Promise<Region[]>}
 */
export async function regions(address, text, signal) {
  const answer = await get(`${address}?${query({ q: text })}`, signal);
  return Array.isArray(answer) ? answer : answer.regions;
}

/**
 * Return what a region is besides its name.
 * @param {Region} region
 */
export function regionKind({ id, kind, country }) {
  const kinds = { country: "Country", admin1: "Region", "federal-district": "Federal district" };
  const title = kinds[/** @type {keyof typeof kinds} */ (kind)] ?? kind;
  return [title, country !== id && country, id].filter(Boolean).join(" · ");
}
