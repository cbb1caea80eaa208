/** The answer to a question as a list, layer by layer. */

import { button, el } from "../dom.js";
import { colourOf, choiceOf, symbol } from "../symbols.js";
import { itemsAddress } from "./answer.js";

/**
 * @typedef {import("./answer.js").Part} Part
 * @typedef {import("./answer.js").Member} Member
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./state.js").Question} Question
 */

const POSSIBLE = "Its position is not exact enough to say on which side of the boundary it lies.";

/**
 * Return an answer's list.
 * @param {Part[]} parts
 * @param {{question: Question, title: string, endpoint: string, choose: (handle: Handle) => void}} asked
 */
export function resultList(parts, { question, title, endpoint, choose }) {
  const filled = parts.filter((part) => part.members.length > 0);
  if (!filled.length) return [el("p", { class: "ca-quiet" }, "None of the layers shown has a feature there.")];
  const uncertain = filled.some((part) => part.members.some((member) => member.possible));
  return [
    ...filled.map((part) => section(part, itemsAddress(endpoint, part.atlas, question, "csv"), title, choose)),
    uncertain && el("p", { class: "ca-quiet" }, el("span", { class: "ca-badge" }, "possible"), ` ${POSSIBLE}`),
  ].filter((child) => child !== false);
}

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
 * @param {Part} part
 * @param {string} download
 * @param {string} asked
 * @param {(handle: Handle) => void} choose
 */
function section({ atlas, matched, members }, download, asked, choose) {
  const { about } = atlas.context;
  const cut = matched > members.length && el("p", { class: "ca-quiet" }, `The first ${members.length} of ${matched}.`);
  return el(
    "section",
    { class: "ca-result" },
    el(
      "h3",
      {},
      symbol(about.style.shape, about.style.colour_by ? "var(--quiet)" : about.style.colour),
      el("span", {}, about.title.en),
      el("span", { class: "ca-count" }, String(matched)),
      el("a", { href: download, download: true, title: `Download these ${about.title.en.toLowerCase()} as a table` }, "CSV"),
    ),
    el("ul", {}, ...members.map((member) => el("li", {}, row(member, asked, choose)))),
    cut,
  );
}

/**
 * @param {Member} member
 * @param {string} asked name of the region asked for, which no row repeats
 * @param {(handle: Handle) => void} choose
 */
function row({ handle, possible }, asked, choose) {
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
 * @param {number} number
 * @param {string} noun
 */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
