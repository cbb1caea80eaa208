/** Everything the atlas does in a browser, under one name, for pages, exports and notebooks alike. */

import { explorer } from './explorer.js';
import { basemap } from './basemap.js';
import { layer, show } from './layer.js';
import { legend } from './legend.js';
import { popup } from './popup.js';
import { search } from './search.js';
import { sources } from './sources.js';
import { theme } from './theme.js';
import { tiles } from './tiles.js';

export { basemap, explorer, layer, legend, popup, search, show, sources, theme, tiles };
