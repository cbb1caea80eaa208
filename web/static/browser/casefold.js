/** Text as it is compared where case does not count. */

/** Of these letters Unicode folds the small one to the great one, or neither. */
const KEPT = /[\u0131\u13a0-\u13f5]/;
const GREAT = /[\u13f8-\u13fd\uab70-\uabbf]/;

/**
 * Return a text folded as Unicode says (CaseFolding.txt, full), which is what Python's `casefold` does.
 * @param {string} text
 */
export function casefold(text) {
  // Letter by letter: a final sigma would else depend on what stands around it.
  return Array.from(text, (letter) => {
    if (KEPT.test(letter)) return letter;
    return GREAT.test(letter) ? letter.toUpperCase() : letter.toLowerCase().toUpperCase().toLowerCase();
  }).join("");
}
