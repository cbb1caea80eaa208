/** The answer to a question as a list, layer by layer. */

import { el } from "../dom.js";
import { POSSIBLE, row } from "../listing.js";
import { symbol } from "../symbols.js";
import { itemsAddress } from "./answer.js";

/**
 * @typedef {import("../listing.js").Part} Part
 * @typedef {import("../types.js").Handle} Handle
 * @typedef {import("./state.js").Question} Question
 */

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
