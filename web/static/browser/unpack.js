/**
 * Return what the server packed: JSON, deflated without a header, in base64.
 * @param {string} packed
 * @returns {Promise<any>}
 */
export async function unpack(packed) {
  if (typeof DecompressionStream !== "function") {
    throw new Error("This browser is too old for the map: it cannot unpack its data. Any browser of 2023 or later can.");
  }
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(inflated).json();
}
