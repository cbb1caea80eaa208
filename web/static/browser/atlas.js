/** The browser side of Corridor Atlas, as one global: page, embed, export and notebook call the same functions. */

import { watchTheme } from "./theme.js";

export { ask } from "./ask.js";
export { askPanel } from "./askpanel.js";
export { basemap } from "./basemap.js";
export { explorer, start } from "./explorer/explorer.js";
export { filterText } from "./filters.js";
export { Gazetteer } from "./gazetteer.js";
export { layer } from "./layer.js";
export { legend } from "./legend.js";
export { popup } from "./popup.js";
export { search } from "./search.js";
export { sources } from "./sources.js";
export { theme } from "./theme.js";
export { tiles } from "./tiles.js";
export { voyages } from "./voyages.js";

watchTheme();
