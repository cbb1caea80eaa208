/** An answer as rows of a list, and in one line: for the explorer, and for a file that answers by itself. */

import { button, el } from "./dom.js";
import { choiceOf, colourOf, symbol } from "./symbols.js";

/**
 * @typedef {import("./types.js").Handle} Handle
 * @typedef {{handle: Handle, possible: boolean}} Member
 * @typedef {{atlas: import("./layer.js").Atlas, matched: number, members: Member[]}} Part the answer of one layer
 */

export const POSSIBLE = "Its position is not exact enough to say on which side of the boundary it lies.";

/**
 * Return an answer in one line.
 * @param {Part[]} parts
 * @param {string} release
 */
export function summary(parts, release) {
  const matched = parts.reduce((sum, part) => sum + part.matched, 0);
  const possible = parts.flatMap((part) => part.members).filter((member) => member.possible).length;
  const layers = parts.filter((part) => part.matched > 0).length;
  const counted = `${count(matched, "feature")}${layers > 1 ? ` in ${layers} layers` : ""}`;
  return `${counted}${possible ? `, ${possible} of them possible` : ""}; counted in release ${release}`;
}

/**
 * Return a member as a row.
 * @param {Member} member
 * @param {string} asked name of the region asked for, which no row repeats
 * @param {(handle: Handle) => void} choose
 */
export function row({ handle, possible }, asked, choose) {
  const { feature, context } = handle;
  const { about, regions } = context;
  const p = feature.properties;
  const place = regions[p.admin1 ?? p.country ?? ""]?.name;
  const detail = [kindOf(handle), place !== asked && place].filter(Boolean).join(" · ");
  const text = el("span", { class: "ca-option-text" }, el("span", {}, p.name), detail && el("small", {}, detail));
  const mark = symbol(about.style.shape, colourOf(about, p));
  const badge = possible && el("span", { class: "ca-badge", title: POSSIBLE }, "possible");
  return button("ca-item", [mark, text, badge], () => choose(handle), { "data-key": handle.key });
}

/**
 * Return what kind of thing a feature is: the choice that colours it, else its first.
 * @param {Handle} handle
 */
function kindOf({ feature: { properties }, context: { about } }) {
  const first = about.fields.find((field) => field.kind === "choice");
  return choiceOf(about, properties)?.title ?? first?.choices.find((choice) => choice.id === properties[first.id])?.title;
}

/**
 * Return a number with its noun.
 * @param {number} number
 * @param {string} noun
 */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
