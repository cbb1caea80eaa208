/** Keys under which names of regions are equal, in three scripts: the rules of geo/names.py. */

import { casefold } from "./casefold.js";

/** Cyrillic letters, and some of Latin alphabets, each with what it is written as. */
const LETTERS = new Map(
  (
    "а a б b в v г g д d е e ё yo ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ы y " +
    "э e ю yu я ya і i ї yi є ye ґ g қ k ғ g ң n ө o ұ u ү u ә a ı i ø o đ d ð d ł l"
  )
    .split(" ")
    .flatMap((letter, i, all) => (i % 2 ? [] : [/** @type {[string, string]} */ ([letter, all[i + 1]])]))
    .concat([["ъ", ""], ["ь", ""]]),
);

/** What may be left away in a region's name. */
const GENERIC = new Set(
  (
    "krai kray kraj oblast oblasti respublika republic republika state province territory region okrug avtonomnyy avtonomnaya " +
    "autonomous district federal federalnyy ut union of the and city gorod राज्य गणराज्य क्राय ओब्लास्त ओब्लास्ट"
  ).split(" "),
);

/** Ways of writing one sound, made one, in this order. @type {[RegExp, string][]} */
const VARIANTS = [
  [/shch/g, "sh"], [/kh/g, "h"], [/zh/g, "j"], [/ts|tz/g, "c"], [/ph/g, "f"], [/w/g, "v"], [/ck|q/g, "k"], [/x/g, "ks"],
  [/[iy]y|yi|ij|ii|y/g, "i"], [/ie|je/g, "e"], [/j(?=[aou])/g, "i"], [/ii/g, "i"], [/(.)\1/gu, "$1"],
];
const WORDS = /[\p{L}\p{N}]+(?:[\u0900-\u097f]+[\p{L}\p{N}]*)*|[\u0900-\u097f]+/gu;

/**
 * Return the words of a text in lower case, without accents and punctuation, Cyrillic letters as Latin ones.
 * @param {string} text
 * @returns {string[]}
 */
export function folded(text) {
  const latin = Array.from(oneDevanagari(casefold(text.normalize("NFC"))), (letter) => LETTERS.get(letter) ?? letter).join("");
  const bare = latin.normalize("NFKD").replace(/(?![\u0900-\u097f])\p{M}/gu, "");
  return bare.replace(/['’ʹʼ`]/g, "").match(WORDS) ?? [];
}

/** @param {string} word a folded one */
export function isGeneric(word) {
  return GENERIC.has(word);
}

/**
 * Return a name's words without generic ones, its spelling as it is.
 * @param {string} name
 */
export function plainWords(name) {
  const words = folded(name);
  const telling = words.filter((word) => !isGeneric(word));
  return telling.length ? telling : words;
}

/**
 * Return what remains equal across case, accents, transliteration variants and generic words.
 * @param {string} name
 */
export function key(name) {
  return plainWords(name).map(skeleton).join(" ");
}

/**
 * Return the same as `key` with the generic words kept.
 * @param {string} name
 */
export function fullKey(name) {
  return folded(name).map(skeleton).join(" ");
}

/** @param {string} word */
function skeleton(word) {
  return VARIANTS.reduce((text, [way, one]) => text.replace(way, one), word);
}

/**
 * Return Devanagari in one spelling: no nukta, a nasal before a consonant as anusvara.
 * @param {string} text
 */
function oneDevanagari(text) {
  const bare = text.normalize("NFD").replaceAll("\u093c", "").replaceAll("\u0901", "\u0902");
  return bare.replace(/[ङञणनम]\u094d(?=[\u0915-\u0939])/g, "\u0902").normalize("NFC");
}
