/** The panel of the explorer: layers, search, region query with its results, details; its state is the address. */

import { combobox } from './combobox.js';
import { amount, el } from './dom.js';
import { boxCorners, boxText, fromFrame, toFrame } from './frame.js';
import { highlight, show } from './layer.js';
import { layerSwitch } from './legend.js';
import { popup } from './popup.js';
import { findFeatures } from './search.js';
import { featureColour, symbol } from './symbols.js';
import { current, theme } from './theme.js';

/**
 * @typedef {import('./layer.js').AtlasGroup} AtlasGroup
 * @typedef {{feature: {group: AtlasGroup, id: string}|null, region: import('./types.js').Region|null}} Picked
 * @typedef {{region?: string|null, bbox?: string|null, near?: string|null, radius?: string|null}} Question
 * @typedef {Question & {layers: string[], select: string|null, at: number[]|null, theme: string}} State
 * @typedef {{items: string, regions: string, export: string, embed: string}} Endpoints
 * @typedef {{root: HTMLElement, endpoints: Endpoints, state: State, order: string[]}} Options
 */

const TABS = /** @type {const} */ (['layers', 'region', 'details']);

/**
 * Bring the panel to life.
 * @param {L.Map} map
 * @param {AtlasGroup[]} groups
 * @param {Options} options
 */
export function explorer(map, groups, options) {
  const panel = new Panel(map, groups, options);
  Promise.all(groups.map((g) => g.ready)).then(() => panel.start());
  return panel;
}

class Panel {
  /**
   * @param {L.Map} map
   * @param {AtlasGroup[]} groups
   * @param {Options} options
   */
  constructor(map, groups, { root, endpoints, state, order }) {
    this.map = map;
    this.groups = groups;
    this.root = root;
    this.endpoints = endpoints;
    this.state = { ...state };
    this.order = order;
    this.live = this.part('live');
    /** @type {AbortController|null} */
    this.asking = null;
    /** @type {L.Layer|null} */
    this.outline = null;
  }

  /** @param {string} name */
  part(name) {
    const found = document.querySelector(`[data-part="${name}"]`);
    if (!(found instanceof HTMLElement)) throw new Error(`the page has no part ${name}`);
    return found;
  }

  /**
   * @param {string} name
   * @returns {HTMLInputElement}
   */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.part(name));
  }

  start() {
    // Drawn are lines before points; listed are they as the atlas lists its layers.
    this.groups = this.order.flatMap((id) => this.groups.filter((g) => g.data?.about.id === id));
    for (const group of this.groups) if (!this.state.layers.includes(group.data?.about.id ?? '')) this.map.removeLayer(group);
    this.part('switches').append(...this.groups.map((g) => layerSwitch(this.map, g, () => this.layersChanged())));
    this.tabs();
    this.searching();
    this.asksByRegion();
    this.themes();
    this.keys();
    this.map.on('moveend', () => this.moved());
    this.map.on('popupopen', (event) => this.opened(event));
    if (this.hasQuestion()) {
      this.open('region');
      this.ask(!this.state.at);
    }
    if (this.state.select) this.select(this.state.select, false);
    this.share();
    document.body.dataset.ready = 'yes';
  }

  hasQuestion() {
    return Boolean(this.state.region || this.state.bbox || this.state.near);
  }

  // --- address

  /** Put the state into the address, and into the links that carry it. */
  share() {
    const words = this.words();
    history.replaceState(null, '', words ? `?${words}` : location.pathname);
    this.part('export').setAttribute('href', `${this.endpoints.export}?${['f=html', words].filter(Boolean).join('&')}`);
    this.part('embed').setAttribute('href', words ? `${this.endpoints.embed}?${words}` : this.endpoints.embed);
  }

  words() {
    const s = this.state;
    const all = this.groups.map((g) => g.data?.about.id);
    const words = new URLSearchParams();
    if (s.layers.length && s.layers.length < all.length) words.set('layers', s.layers.join(','));
    for (const word of /** @type {const} */ (['region', 'bbox', 'near', 'radius', 'select'])) if (s[word]) words.set(word, String(s[word]));
    if (s.at) words.set('at', s.at.join(','));
    if (s.theme !== 'auto') words.set('theme', s.theme);
    return words.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
  }

  moved() {
    const centre = this.map.getCenter();
    const round = (/** @type {number} */ n) => Math.round(n * 100) / 100;
    const lon = Math.max(-180, Math.min(180, fromFrame(centre.lng)));
    this.state.at = [round(lon), round(Math.max(-90, Math.min(90, centre.lat))), round(this.map.getZoom())];
    this.share();
  }

  layersChanged() {
    this.state.layers = this.groups.filter((g) => this.map.hasLayer(g)).map((g) => g.data?.about.id ?? '');
    this.share();
    if (this.hasQuestion()) this.ask(false);
  }

  // --- tabs

  tabs() {
    for (const name of TABS) {
      const tab = this.part(`tab-${name}`);
      tab.addEventListener('click', () => this.open(name));
      tab.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length];
        this.open(next);
        this.part(`tab-${next}`).focus();
      });
    }
    const grip = this.part('grip');
    grip.addEventListener('click', () => {
      const closed = this.root.classList.toggle('closed');
      grip.setAttribute('aria-expanded', String(!closed));
      this.map.invalidateSize({ pan: false });
    });
    new ResizeObserver(() => this.map.invalidateSize({ pan: false })).observe(this.map.getContainer());
  }

  /** @param {typeof TABS[number]} name */
  open(name) {
    for (const one of TABS) {
      const tab = this.part(`tab-${one}`);
      tab.setAttribute('aria-selected', String(one === name));
      tab.tabIndex = one === name ? 0 : -1;
      this.part(`view-${one}`).hidden = one !== name;
    }
    if (this.root.classList.contains('closed')) this.part('grip').click();
  }

  // --- search

  searching() {
    const input = this.field('search');
    const list = combobox(input, (text) => this.suggest(text), (item) => this.picked(item), 'Nothing has that name.');
    input.after(list);
  }

  /**
   * @param {string} text
   * @returns {Promise<import('./combobox.js').Suggestion<Picked>[]>}
   */
  async suggest(text) {
    const features = findFeatures(this.groups, text, 6).map((s) => ({ ...s, item: { feature: s.item, region: null } }));
    const regions = (await this.regions(text, 4)).map((r) => ({ text: r.name, detail: regionDetail(r), item: { feature: null, region: r } }));
    return [...features, ...regions];
  }

  /** @param {Picked} item */
  picked({ feature, region }) {
    this.field('search').value = '';
    if (feature) this.select(`${feature.group.data?.about.id}/${feature.id}`, true);
    else if (region) this.askFor({ region: region.id });
  }

  /**
   * @param {string} text
   * @param {number} limit
   * @returns {Promise<import('./types.js').Region[]>}
   */
  async regions(text, limit) {
    try {
      const answer = await fetch(`${this.endpoints.regions}?${new URLSearchParams({ q: text, limit: String(limit) })}`);
      return answer.ok ? (await answer.json()).regions : [];
    } catch {
      return [];
    }
  }

  // --- region query

  asksByRegion() {
    const input = this.field('region');
    input.after(combobox(input, async (text) => (await this.regions(text, 8)).map((r) => ({ text: r.name, detail: regionDetail(r), item: r })), (r) => this.askFor({ region: r.id }), 'No region has that name.'));
    const near = this.field('near');
    near.after(combobox(near, (text) => findFeatures(this.groups, text).filter((s) => s.item.group.data?.about.geometry === 'point'), ({ group, id }) => this.nearPicked(group, id), 'No feature has that name.'));
    this.part('region-form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (input.value.trim()) this.askFor({ region: input.value.trim() });
    });
    this.part('near-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const place = near.dataset.place || near.value.trim();
      if (place) this.askFor({ near: place, radius: `${this.field('radius').value || '300'}km` });
    });
    near.addEventListener('input', () => delete near.dataset.place);
    this.part('draw').addEventListener('click', () => this.draw());
    this.part('in-view').addEventListener('click', () => this.askFor({ bbox: boxText(this.map.getBounds()) }));
    this.part('clear').addEventListener('click', () => this.askFor({}));
  }

  /**
   * @param {AtlasGroup} group
   * @param {string} id
   */
  nearPicked(group, id) {
    const near = this.field('near');
    near.value = group.data?.features.find((f) => f.id === id)?.properties.name ?? id;
    near.dataset.place = `${group.data?.about.id}/${id}`;
  }

  /** Let the reader drag a box over the map. */
  draw() {
    const map = this.map;
    document.body.classList.add('drawing');
    map.dragging.disable();
    if (matchMedia('(max-width: 760px)').matches && !this.root.classList.contains('closed')) this.part('grip').click();
    this.say('Drag over the map to draw a box. Escape ends it.');
    const surface = map.getContainer();
    /** @type {L.LatLng|null} */
    let start = null;
    /** @type {L.Rectangle|null} */
    let box = null;
    const at = (/** @type {PointerEvent} */ event) => map.mouseEventToLatLng(event);
    const down = (/** @type {PointerEvent} */ event) => {
      start = at(event);
      box = L.rectangle([[start.lat, start.lng], [start.lat, start.lng]], { className: 'ca-outline', interactive: false }).addTo(map);
      surface.setPointerCapture(event.pointerId);
    };
    const over = (/** @type {PointerEvent} */ event) => start && box?.setBounds(L.latLngBounds(start, at(event)));
    const up = () => {
      const drawn = box?.getBounds();
      this.stopDrawing();
      if (drawn && drawn.getNorth() > drawn.getSouth()) this.askFor({ bbox: boxText(drawn) });
    };
    surface.addEventListener('pointerdown', down);
    surface.addEventListener('pointermove', over);
    surface.addEventListener('pointerup', up);
    this.stopDrawing = () => {
      surface.removeEventListener('pointerdown', down);
      surface.removeEventListener('pointermove', over);
      surface.removeEventListener('pointerup', up);
      box?.remove();
      document.body.classList.remove('drawing');
      map.dragging.enable();
    };
  }

  stopDrawing() {}

  /**
   * Ask another question, or none.
   * @param {Question} question
   */
  askFor(question) {
    Object.assign(this.state, { region: null, bbox: null, near: null, radius: null }, question);
    this.open('region');
    this.share();
    this.ask(true);
  }

  /**
   * Ask every shown layer the question of the state, and show the answers.
   * @param {boolean} move whether the map goes to them
   */
  async ask(move) {
    this.asking?.abort();
    this.asking = new AbortController();
    const results = this.part('results');
    this.part('clear').hidden = !this.hasQuestion();
    if (!this.hasQuestion()) {
      results.replaceChildren();
      this.groups.forEach((g) => highlight(g, null));
      this.outlined(null);
      this.say('');
      return;
    }
    try {
      const shown = this.groups.filter((g) => this.map.hasLayer(g));
      const answers = await Promise.all(shown.map((g) => this.answer(g, this.asking?.signal)));
      this.answered(shown, answers, move, await this.asked());
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return;
      this.failed(error instanceof Error ? error.message.split('\n') : [String(error)]);
    }
  }

  /**
   * @param {AtlasGroup} group
   * @param {AbortSignal|undefined} signal
   * @returns {Promise<{features: import('./types.js').Feature[], numberMatched: number}>}
   */
  async answer(group, signal) {
    const words = new URLSearchParams();
    for (const word of /** @type {const} */ (['region', 'bbox', 'near', 'radius'])) if (this.state[word]) words.set(word, String(this.state[word]));
    const address = this.endpoints.items.replace('{layer}', group.data?.about.id ?? '');
    const response = await fetch(`${address}?${words}`, { signal, headers: { Accept: 'application/json' } });
    const body = await response.json();
    if (!response.ok) throw new Error((body.faults ?? [body.title]).join('\n'));
    return body;
  }

  /** @param {string[]} faults */
  failed(faults) {
    this.part('results').replaceChildren(el('div', { class: 'fault', role: 'alert' }, ...faults.map((line) => el('p', { text: line }))));
    this.groups.forEach((g) => highlight(g, null));
    this.outlined(null);
  }

  /**
   * @param {AtlasGroup[]} shown
   * @param {{features: import('./types.js').Feature[], numberMatched: number}[]} answers
   * @param {boolean} move
   * @param {string} title
   */
  answered(shown, answers, move, title) {
    const count = answers.reduce((sum, a) => sum + a.numberMatched, 0);
    const lists = shown.map((group, i) => this.resultList(group, answers[i])).filter((list) => list !== null);
    const empty = el('p', { class: 'quiet', text: 'None of the shown layers has a feature there.' });
    this.part('results').replaceChildren(el('h2', { text: title, dir: 'auto' }), ...(lists.length ? lists : [empty]));
    this.say(`${count} feature${count === 1 ? '' : 's'} found.`);
    shown.forEach((group, i) => {
      const possible = answers[i].features.filter((f) => f.properties.membership === 'possible').map((f) => f.id);
      highlight(group, new Set(answers[i].features.map((f) => f.id)), new Set(possible));
    });
    this.outlined(this.state.bbox ?? null);
    if (move) this.goTo(answers);
  }

  /** Return the question in words. */
  async asked() {
    const s = this.state;
    if (s.near) return `Within ${s.radius} of ${this.nameOf(s.near)}`;
    if (!s.region) return 'In the box';
    const [best] = await this.regions(s.region, 1);
    return best ? `${best.name} (${best.id})` : s.region;
  }

  /** @param {string} place a feature's address, or what else was asked for */
  nameOf(place) {
    const [layer, id] = place.split('/');
    const group = this.groups.find((g) => g.data?.about.id === layer);
    return group?.data?.features.find((f) => f.id === id)?.properties.name ?? place;
  }

  /**
   * @param {AtlasGroup} group
   * @param {{features: import('./types.js').Feature[], numberMatched: number}} answer
   */
  resultList(group, answer) {
    const data = group.data;
    if (!data || !answer.features.length) return null;
    const rows = answer.features.map((f) => {
      const maybe = f.properties.membership === 'possible' ? el('small', { text: 'possible' }) : null;
      const icon = symbol(data.about.style.shape, featureColour(data.about, f.properties), 14);
      return el('li', {}, el('button', { type: 'button', onclick: () => this.select(`${data.about.id}/${f.id}`, true) }, icon, el('span', { text: f.properties.name, dir: 'auto' }), maybe));
    });
    return el('section', {}, el('h3', {}, data.about.title.en, el('small', { text: amount(answer.numberMatched) })), el('ul', { class: 'rows' }, ...rows));
  }

  /** @param {{features: import('./types.js').Feature[]}[]} answers */
  goTo(answers) {
    const points = answers.flatMap((a) => a.features).filter((f) => f.geometry.type === 'Point').map((f) => /** @type {[number, number]} */ ([f.geometry.coordinates[1], toFrame(f.geometry.coordinates[0])]));
    const bounds = this.state.bbox ? L.latLngBounds(boxCorners(this.state.bbox)) : L.latLngBounds(points);
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [40, 40], maxZoom: 7 });
  }

  /** @param {string|null} box */
  outlined(box) {
    this.outline?.remove();
    this.outline = box ? L.rectangle(boxCorners(box), { className: 'ca-outline', interactive: false }).addTo(this.map) : null;
  }

  // --- details

  /**
   * Open a feature: its details in the panel, its place on the map.
   * @param {string} address layer/id
   * @param {boolean} move
   */
  select(address, move) {
    const [layer, id] = address.split('/');
    const group = this.groups.find((g) => g.data?.about.id === layer);
    const feature = group?.data?.features.find((f) => f.id === id);
    if (!group || !feature || !group.data) return;
    this.state.select = address;
    this.part('details').replaceChildren(popup(feature, group.data));
    this.open('details');
    this.share();
    if (move || !this.state.at) show(this.map, group, id, { open: false });
    this.mark(group, id);
  }

  /**
   * @param {AtlasGroup} group
   * @param {string} id
   */
  mark(group, id) {
    document.querySelectorAll('.ca-chosen').forEach((e) => e.classList.remove('ca-chosen'));
    for (const one of /** @type {any[]} */ (group.marks.get(id) ?? [])) one.getElement?.()?.classList.add('ca-chosen');
  }

  /**
   * On the explorer the panel shows what a popup would; a popup opens only where the panel is closed.
   * @param {any} event
   */
  opened(event) {
    const source = event.popup._source;
    for (const group of this.groups) {
      for (const [id, marks] of group.marks) {
        if (marks.includes(source)) {
          this.select(`${group.data?.about.id}/${id}`, false);
          return;
        }
      }
    }
  }

  // --- theme and keys

  themes() {
    this.part('theme').addEventListener('click', () => {
      this.state.theme = current() === 'dark' ? 'light' : 'dark';
      theme(this.state.theme);
      this.share();
    });
    this.part('copy').addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        this.say('The link was copied.');
      } catch {
        this.say('The link is in the address bar.');
      }
    });
  }

  keys() {
    document.addEventListener('keydown', (event) => {
      const typing = event.target instanceof HTMLInputElement;
      if (event.key === '/' && !typing) {
        event.preventDefault();
        this.field('search').focus();
      } else if (event.key === 'Escape') {
        this.map.closePopup();
        this.stopDrawing();
      }
    });
  }

  /** @param {string} text */
  say(text) {
    this.live.textContent = text;
  }
}

/** @param {import('./types.js').Region} region */
function regionDetail(region) {
  const kind = { country: 'country', admin1: 'region', 'federal-district': 'federal district' }[region.kind] ?? region.kind;
  return `${region.name_ru ? `${region.name_ru} · ` : ''}${kind}, ${region.id}`;
}
