/** Everything known of one feature: each value with its source, date and category, and the claims that differ. */

import { amount, el, link } from './dom.js';
import { fromFrame } from './frame.js';

/**
 * @typedef {import('./types.js').Feature} Feature
 * @typedef {import('./types.js').Claim} Claim
 * @typedef {import('./types.js').Field} Field
 * @typedef {import('./types.js').Payload} Payload
 */

/**
 * Return the whole of a feature as an element.
 * @param {Feature} feature
 * @param {Payload} data the payload of its layer
 * @returns {HTMLElement}
 */
export function popup(feature, data) {
  const p = feature.properties;
  const values = data.about.fields.map((field) => value(field, p, data)).filter((v) => v !== null);
  return el(
    'article',
    { class: 'ca-popup' },
    el('h3', { text: p.name, dir: 'auto' }),
    names(feature, data),
    place(feature, data),
    p.membership === 'possible' && el('p', { class: 'ca-possible', text: 'Possible member: its accuracy reaches over the boundary that was asked for.' }),
    p.disputed && el('p', { class: 'ca-disputed', text: `In a disputed area, claimed by ${p.disputed.join(' and ')}.` }),
    el('dl', {}, ...values.flat()),
    legs(feature, data),
    missing(data.about.fields, p),
    el('p', { class: 'ca-cite', text: `${data.about.title.en} · Corridor Atlas, release ${data.release} · ${data.about.rule}` }),
  );
}

/**
 * @param {Feature} feature
 * @param {Payload} data
 */
function names(feature, data) {
  const p = feature.properties;
  const parts = /** @type {const} */ (['ru', 'hi'])
    .filter((code) => p[`name_${code}`])
    .map((code) => {
      const from = p[`name_${code}_source`];
      const made = from === 'transliterated';
      const told = made ? 'transliterated by rule; no source prints this name' : `as printed: ${cited(data.sources[String(from)])}`;
      return el('span', { lang: code, title: told, class: made ? 'ca-made' : false, text: p[`name_${code}`] + (made ? '*' : '') });
    });
  if (!parts.length) return null;
  const starred = parts.some((part) => part.className === 'ca-made');
  return el('p', { class: 'ca-names' }, ...parts.flatMap((part, i) => (i ? [' · ', part] : [part])), starred && el('small', { text: ' * transliterated' }));
}

/**
 * @param {Feature} feature
 * @param {Payload} data
 */
function place(feature, data) {
  const p = feature.properties;
  const regions = [p.admin1, p.country].filter((code) => code !== null).map((code) => data.regions[code]?.name ?? code);
  const where = regions.length ? el('span', { text: regions.join(', ') }) : null;
  if (feature.geometry.type !== 'Point') return where && el('p', { class: 'ca-place' }, where);
  const [lon, lat] = feature.geometry.coordinates;
  const text = `${degrees(lat, 'N', 'S')} ${degrees(fromFrame(lon), 'E', 'W')}, within ${amount(p.accuracy_km ?? 0, 'km')}`;
  return el('p', { class: 'ca-place' }, where, where && ' · ', text, ' ', source(data, p.position_source, p.position_note));
}

/**
 * @param {number} angle
 * @param {string} plus
 * @param {string} minus
 */
function degrees(angle, plus, minus) {
  return `${Math.abs(angle).toFixed(3)}° ${angle < 0 ? minus : plus}`;
}

/**
 * Return a field's title and its shown value with the claims behind it, or null where nothing is claimed.
 * @param {Field} field
 * @param {import('./types.js').Properties} p
 * @param {Payload} data
 */
function value(field, p, data) {
  const claims = p.claims.filter((c) => c.field === field.id);
  if (!claims.length) return null;
  const shown = claims.find((c) => c.shown);
  const others = claims.filter((c) => c !== shown);
  const main = shown ? [el('b', { text: stated(shown, field), dir: 'auto' }), ' ', about(shown), source(data, shown.source, shown.note)] : [el('i', { text: 'no value of its own' })];
  return [el('dt', { text: field.title, title: field.description || false }), el('dd', {}, ...main, others.length > 0 && rest(others, field, data))];
}

/**
 * @param {Claim[]} claims
 * @param {Field} field
 * @param {Payload} data
 */
function rest(claims, field, data) {
  const items = claims.map((c) => el('li', {}, el('b', { text: stated(c, field), dir: 'auto' }), ' ', about(c), source(data, c.source, ''), c.note && el('small', { text: ` ${c.note}` })));
  const word = claims.length === 1 ? '1 other claim' : `${claims.length} other claims`;
  return el('details', {}, el('summary', { text: word + range(claims, field) }), el('ul', {}, ...items));
}

/**
 * @param {Claim[]} claims
 * @param {Field} field
 */
function range(claims, field) {
  const units = new Set(claims.map((c) => c.unit));
  if (field.kind !== 'quantity' || claims.length < 2 || units.size !== 1) return '';
  const numbers = claims.map((c) => Number(c.value));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low === high ? '' : `, ${amount(low, field.unit === 'year' ? 'year' : '')} to ${amount(high, claims[0].unit)}`;
}

/**
 * @param {Claim} claim
 * @param {Field} field
 */
function stated(claim, field) {
  if (field.kind === 'choice') return field.choices.find((c) => c.id === claim.value)?.title ?? String(claim.value);
  return amount(claim.value, claim.unit);
}

/** @param {Claim} claim */
function about(claim) {
  const words = [claim.category, claim.as_of].filter(Boolean).join(', ');
  return words ? el('span', { class: 'ca-about', text: `${words} ` }) : '';
}

/**
 * Return a citation to click; what was computed says by which release.
 * @param {Payload} data
 * @param {string|undefined} id
 * @param {string|undefined} note
 */
function source(data, id, note) {
  const found = id ? data.sources[id] : undefined;
  const title = [found ? cited(found) : 'no source', note].filter(Boolean).join(' — ');
  const text = id === 'computed' ? `computed, release ${data.release}` : (found?.publisher ?? String(id));
  return el('cite', { title }, link(text, found?.url));
}

/** @param {import('./types.js').Source|undefined} s */
function cited(s) {
  return s ? [s.publisher, s.title, s.published || 'no date', s.accessed && `read ${s.accessed}`].filter(Boolean).join('. ') : '';
}

/**
 * @param {Feature} feature
 * @param {Payload} data
 */
function legs(feature, data) {
  const all = feature.properties.legs;
  if (!all) return null;
  const rows = all.map((leg) =>
    el(
      'li',
      {},
      el('b', { text: `${leg.from} – ${leg.to}` }),
      el('span', { class: 'ca-about', text: ` ${leg.mode}${leg.branch ? `, ${leg.branch}` : ''} ` }),
      lengthOf(leg, data),
      leg.passages?.length ? el('small', { text: ` by ${leg.passages.join(', ')}` }) : null,
      ' ',
      source(data, leg.source, leg.note),
    ),
  );
  return el('details', { class: 'ca-legs' }, el('summary', { text: `${all.length} leg${all.length > 1 ? 's' : ''}` }), el('ol', {}, ...rows));
}

/**
 * @param {import('./types.js').Leg} leg
 * @param {Payload} data
 */
function lengthOf(leg, data) {
  const nautical = leg.mode === 'sea' ? ` (${amount(Math.round(leg.length_km / 1.852))} nm)` : '';
  const access = leg.access_km ? `; access legs of ${leg.access_km.map((km) => amount(km)).join(' and ')} km` : '';
  const published = leg.length_published_km === undefined ? '' : `, published ${amount(leg.length_published_km, 'km')}`;
  const title = cited(data.sources.computed) + access;
  return el('span', { title, text: `${amount(Math.round(leg.length_km), 'km')}${nautical} computed${published}` });
}

/**
 * Name what nobody reports. A listing that was not looked up is never "clear".
 * @param {Field[]} fields
 * @param {import('./types.js').Properties} p
 */
function missing(fields, p) {
  const silent = fields.filter((f) => !f.computed && !p.claims.some((c) => c.field === f.id));
  const unchecked = silent.filter((f) => f.id === 'sanctions');
  const unreported = silent.filter((f) => f.id !== 'sanctions');
  return el(
    'p',
    { class: 'ca-missing' },
    unchecked.length > 0 && el('span', { text: 'Sanction listings: not checked. ' }),
    unreported.length > 0 && el('span', { text: `Not reported: ${unreported.map((f) => f.title.toLowerCase()).join(', ')}.` }),
  );
}
