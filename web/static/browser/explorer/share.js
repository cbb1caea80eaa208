/** The view as a link, a file, a frame; and its light. */

import { byId } from "../dom.js";
import { chosenTheme } from "../theme.js";

/**
 * Keep the links of the panel in step with the address, and switch between light and dark.
 * @param {import("./explorer.js").Session} session
 */
export function shareRow({ address, endpoints }) {
  const follow = () => {
    byId("export").setAttribute("href", `${endpoints.export}?${address.words({ f: "html" })}`);
    byId("embed").setAttribute("href", `${endpoints.embed}?${address.words()}`);
  };
  address.listeners.push(follow);
  follow();
  byId("copy").addEventListener("click", copyLink);
  byId("theme").addEventListener("click", () => address.set({ theme: opposite() }));
}

/** Return the other light; where that is the system's own, the choice is left to it again. */
function opposite() {
  const dark = document.documentElement.dataset.scheme === "dark";
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches;
  if (chosenTheme() !== "auto" && system !== dark) return "auto";
  return dark ? "light" : "dark";
}

async function copyLink() {
  const label = byId("copy-label");
  try {
    await copy(location.href);
    label.textContent = "Link copied";
  } catch {
    label.textContent = "Copy it from the address bar";
  }
  window.setTimeout(() => {
    label.textContent = "Copy link";
  }, 2500);
}

/** @param {string} text */
async function copy(text) {
  // Without TLS there is no clipboard to write to, but on localhost.
  if (!navigator.clipboard) throw new Error("no clipboard");
  await navigator.clipboard.writeText(text);
}
