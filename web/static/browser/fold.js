/** Names match across case, accents, and Cyrillic and Latin writing. */

/** @type {Record<string, string>} */
const LETTERS = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'i', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p',
  р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'h', ц: 'c', ч: 'ch', ш: 'sh', щ: 'sh', ъ: '', ы: 'i', ь: '', э: 'e', ю: 'u', я: 'a', ı: 'i', ø: 'o',
};
/** @type {[RegExp, string][]} */
const VARIANTS = [
  [/shch/g, 'sh'], [/kh/g, 'h'], [/ts|tz/g, 'c'], [/ph/g, 'f'], [/w/g, 'v'], [/ck|q/g, 'k'], [/x/g, 'ks'], [/iy|yi|ij|ii|y|j/g, 'i'],
  [/ie/g, 'e'], [/io/g, 'o'], [/iu/g, 'u'], [/ia/g, 'a'], [/(.)\1+/g, '$1'],
];

/**
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  let plain = text.normalize('NFC').toLowerCase();
  plain = Array.from(plain, (c) => LETTERS[c] ?? c).join('');
  plain = plain.normalize('NFD').replace(/[\u0300-\u036f'’`]/g, '').normalize('NFC');
  for (const [pattern, letter] of VARIANTS) plain = plain.replace(pattern, letter);
  return plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
}

/**
 * Return how well a folded name answers a folded query: 1 the same, 0 not at all.
 * @param {string} wanted
 * @param {string} name
 */
export function likeness(wanted, name) {
  if (!wanted || !name) return 0;
  if (name === wanted) return 1;
  if (name.startsWith(wanted)) return 0.95;
  if (` ${name}`.includes(` ${wanted}`)) return 0.9;
  if (wanted.length > 2 && name.includes(wanted)) return 0.8;
  if (wanted.length < 4) return 0;
  const allowed = wanted.length > 7 ? 2 : 1;
  const near = name.split(' ').concat(name).some((word) => Math.abs(word.length - wanted.length) <= allowed && distance(wanted, word) <= allowed);
  return near ? 0.7 : 0;
}

/**
 * Return the edit distance of two words.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
