/** The named regions that a file holds: from a name in any of three scripts, or a code, to one of them. As geo/regions.py. */

import { NameIndex } from "./names.js";
import { folded, fullKey, isGeneric, key, plainWords } from "./regionkeys.js";

/**
 * @typedef {import("./types.js").Region & {id: string}} Region
 * @typedef {import("./types.js").Payload} Payload
 */

const KINDS = /** @type {Record<string, string>} */ ({ country: "Country", admin1: "Region", "federal-district": "Federal district" });

/** Every name and code of the regions in which these layers have features. */
export class Gazetteer {
  /** @param {Pick<Payload, "regions">[]} layers */
  constructor(layers) {
    /** @type {Map<string, Region>} */
    this.regions = new Map();
    for (const { regions } of layers) {
      for (const [id, region] of Object.entries(regions)) {
        if (!this.regions.get(id)?.members) this.regions.set(id, { id, ...region });
      }
    }
    this.read = new Map([...this.regions.values()].map((region) => [region, readingsOf(region)]));
    const listed = [...this.regions.values()].sort((a, b) => a.name.localeCompare(b.name));
    this.begun = new NameIndex(listed.map((region) => ({ item: region, names: [...namesOf(region), ...codesOf(region)] })));
  }

  /**
   * Return the one region that a code or name means.
   * @param {string} text
   * @returns {Region}
   * @throws {RangeError} if it means none of this file or several, in words for the reader
   */
  resolve(text) {
    if (!folded(text).length) throw new RangeError(`“${text}” is not the name of a region. Give a name (Primorsky Krai) or a code (RU-PRI).`);
    const found = this.#meant(text);
    if (found.length === 1) return found[0];
    if (found.length) throw new RangeError(`“${text}” means more than one region: ${found.map(label).sort().join(" or ")}. Give the code.`);
    const near = this.find(text, 3);
    const offer = near.length ? ` Did you mean ${near.map(label).join(" or ")}?` : "";
    throw new RangeError(`No region with features in this map is called “${text}”.${offer}`);
  }

  /**
   * Return regions with features by a name or code, begun or whole, best first.
   * @param {string} text
   * @param {number} most
   */
  find(text, most) {
    const meant = this.#meant(text);
    const first = meant.length === 1 ? meant : [];
    const begun = this.begun.find(text, this.regions.size).filter((region) => region.members && !first.includes(region));
    return [...first, ...begun].slice(0, most);
  }

  /**
   * Return what a code or name may mean: one region where it is told apart from its namesakes.
   * @param {string} text
   */
  #meant(text) {
    const asked = text.trim().toLowerCase();
    const all = [...this.regions.values()];
    const coded = all.find(({ id }) => id.toLowerCase() === asked) ?? all.find((region) => codesOf(region).some((code) => code.toLowerCase() === asked));
    return coded ? [coded] : this.#narrowed(text, this.#called(text));
  }

  /** @param {string} text */
  #called(text) {
    const wanted = key(text);
    const read = [...this.read];
    const exact = read.filter(([, { keys }]) => keys.has(wanted));
    const found = exact.length ? exact : read.filter(([, { joined }]) => joined.has(wanted.replaceAll(" ", "")));
    return found.map(([region]) => region);
  }

  /**
   * Return the hits that the spelling, or the generic words in the text, single out; all where neither does.
   * @param {string} text
   * @param {Region[]} found
   */
  #narrowed(text, found) {
    if (found.length < 2) return found;
    const words = plainWords(text).join(" ");
    const alike = found.filter((region) => this.read.get(region)?.plain.has(words));
    const spelt = alike.length ? alike : found;
    if (spelt.length === 1 || !folded(text).some(isGeneric)) return spelt;
    const full = found.filter((region) => this.read.get(region)?.full.has(fullKey(text)));
    return full.length ? full : spelt;
  }
}

/**
 * Return what a region is besides its name.
 * @param {Region} region
 */
export function kindOf({ id, kind, country }) {
  return [KINDS[kind] ?? kind, country !== id && country, id].filter(Boolean).join(" · ");
}

/** @param {Region} region */
function label({ name, id }) {
  return `${name} (${id})`;
}

/** @param {Region} region */
function codesOf({ id, codes }) {
  return [id, ...(codes ?? [])];
}

/**
 * Return every name of a region; "Sakha (Yakutia)" answers to both of its.
 * @param {Region} region
 */
function namesOf(region) {
  const given = [region.name, region.name_ru, region.name_hi, ...(region.names ?? [])].filter(Boolean);
  const halves = given.flatMap((name) => name.split("(").map((part) => part.replace(/^[ )]+|[ )]+$/g, "")));
  return [...given, ...halves].filter((name) => folded(name).length);
}

/**
 * Return a region's names in the ways in which they are compared.
 * @param {Region} region
 */
function readingsOf(region) {
  const names = namesOf(region);
  const keys = new Set(names.map(key));
  return {
    keys,
    joined: new Set([...keys].map((one) => one.replaceAll(" ", ""))),
    plain: new Set(names.map((name) => plainWords(name).join(" "))),
    full: new Set(names.map(fullKey)),
  };
}
