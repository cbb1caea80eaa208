/**
 * What the server packs and the modules pass on. Types only.
 *
 * @typedef {{id: string, title: string, colour: string}} Choice
 * @typedef {{id: string, title: string, kind: 'quantity'|'text'|'choice', unit: string, description: string, choices: Choice[], computed: boolean}} Field
 * @typedef {{shape: 'circle'|'square'|'diamond'|'triangle'|'line', colour: string, colour_by: string}} Style
 * @typedef {{id: string, title: {en: string, ru: string, hi: string}, description: string, geometry: 'point'|'line', licence: string,
 *   rule: string, features: number, style: Style, fields: Field[]}} About
 * @typedef {{field: string, value: number|string, unit: string, category: string, as_of: string, source: string, note: string, shown?: boolean}} Claim
 * @typedef {{mode: string, from: string, to: string, length_km: number, length_published_km?: number, passages?: string[], closed?: string[],
 *   access_km?: number[], waypoints?: string[], branch?: string, source: string, note: string}} Leg
 * @typedef {Record<string, any> & {layer: string, name: string, name_ru: string|null, name_ru_source: string|null, name_hi: string|null,
 *   name_hi_source: string|null, country: string|null, admin1: string|null, disputed: string[]|null, accuracy_km?: number,
 *   position_source?: string, position_note?: string, claims: Claim[], legs?: Leg[], passages?: string[], membership?: 'certain'|'possible'}} Properties
 * @typedef {{type: 'Feature', id: string, geometry: any, properties: Properties}} Feature
 * @typedef {{id: string, publisher: string, title: string, published?: string, url?: string, accessed?: string, licence?: string, note?: string}} Source
 * @typedef {{name: string, name_ru: string, name_hi: string}} RegionName
 * @typedef {{release: string, about: About, features: Feature[], sources: Record<string, Source>, regions: Record<string, RegionName>}} Payload
 * @typedef {{id: string, kind: string, country: string, name: string, name_ru: string, name_hi: string, score: number}} Region
 */
export {};
