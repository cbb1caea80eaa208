/** Names match across case, accents, Cyrillic and Latin writing, and a slip of the finger. */

/** @type {Record<string, string>} */
const LATIN = {
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "i", к: "k", л: "l", м: "m", н: "n",
  о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "shch", ъ: "", ы: "y",
  ь: "", э: "e", ю: "yu", я: "ya",
};

/** Ways of writing one sound, made one: Primorskiy, Primorskij, Primorsky. @type {[RegExp, string][]} */
const VARIANTS = [
  [/shch|sch/g, "sh"], [/kh/g, "h"], [/ts|tz/g, "c"], [/x/g, "ks"], [/w/g, "v"], [/ph/g, "f"], [/[jy]/g, "i"], [/ie\b/g, "i"], [/(.)\1+/g, "$1"],
];

/**
 * Return a name as it is compared; one of signs alone stays as it is.
 * @param {string} name
 */
export function fold(name) {
  const bare = name.toLowerCase().replaceAll("й", "и").normalize("NFD").replace(/[\u0300-\u036f\u093c'’ʼ`]/g, "");
  const latin = Array.from(bare, (letter) => LATIN[letter] ?? letter).join("");
  const spelt = VARIANTS.reduce((text, [way, one]) => text.replace(way, one), latin);
  return spelt.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim() || name.trim();
}

/**
 * Return how well a folded name answers a folded text, from 0 to 1.
 * @param {string} wanted
 * @param {string} name
 */
export function likeness(wanted, name) {
  if (!wanted) return 0;
  if (name === wanted) return 1;
  if (name.startsWith(wanted)) return 0.95;
  const words = name.split(" ");
  if (words.some((word) => word.startsWith(wanted)) || name.includes(` ${wanted}`)) return 0.9;
  if (wanted.split(" ").every((part) => words.some((word) => word.startsWith(part)))) return 0.85;
  if (wanted.length > 2 && name.includes(wanted)) return 0.8;
  const slips = wanted.length > 6 ? 2 : wanted.length > 3 ? 1 : 0;
  const near = [name, ...words].some((word) => slips > 0 && distance(wanted, word.slice(0, wanted.length + 1), slips) <= slips);
  return near ? 0.7 : 0;
}

/**
 * Return how many letters to change, add, drop or swap; more than `most` is not counted out. The end of `b` may be missing.
 * @param {string} a
 * @param {string} b
 * @param {number} most
 */
function distance(a, b, most) {
  let [before, row] = [/** @type {number[]} */ ([]), Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(change, row[j] + 1, next[j - 1] + 1, swapped ? before[j - 2] + 1 : Infinity);
    }
    if (Math.min(...next) > most) return most + 1;
    [before, row] = [row, next];
  }
  return Math.min(row[b.length], row[Math.max(0, b.length - 1)]);
}

/**
 * Names of many things, folded once.
 * @template T
 */
export class NameIndex {
  /** @param {Iterable<{item: T, names: (string | null | undefined)[]}>} entries */
  constructor(entries) {
    this.entries = [...entries].map(({ item, names }) => ({ item, keys: [...new Set(names.flatMap((n) => (n ? fold(n) : [])))] }));
  }

  /**
   * Return the items whose names answer a text, best first; of equals, in the order given.
   * @param {string} text
   * @param {number} most
   * @returns {T[]}
   */
  find(text, most) {
    const wanted = fold(text);
    const scored = this.entries.map(({ item, keys }) => ({ item, score: Math.max(0, ...keys.map((key) => likeness(wanted, key))) }));
    const hits = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
    return hits.slice(0, most).map(({ item }) => item);
  }
}

/**
 * Return an index of the features of layers.
 * @param {import("./layer.js").Atlas[]} atlases
 * @returns {NameIndex<import("./types.js").Handle>}
 */
export function featureIndex(atlases) {
  const handles = atlases.flatMap((atlas) => [...atlas.handles.values()]);
  handles.sort((a, b) => a.feature.properties.name.localeCompare(b.feature.properties.name));
  return new NameIndex(
    handles.map((handle) => {
      const p = handle.feature.properties;
      return { item: handle, names: [p.name, p.name_ru, p.name_hi, handle.feature.id] };
    }),
  );
}
