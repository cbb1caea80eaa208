/**
 * The shapes of what the server packs for the browser (see web/payload.py). Types only: nothing here runs.
 *
 * @typedef {{id: string, title: string, colour: string}} Choice
 * @typedef {{
 *   id: string, title: string, kind: "quantity" | "text" | "choice", unit: string, description: string,
 *   choices: Choice[], computed: boolean
 * }} Field
 * @typedef {{shape: string, colour: string, colour_by: string}} Style
 * @typedef {{
 *   id: string, title: {en: string, ru: string, hi: string}, description: string, geometry: string, licence: string,
 *   rule: string, features: number, style: Style, fields: Field[], properties: string[],
 *   queryables: {id: string, title: string, type: string}[],
 *   imported: {file: string, source_layer: string, date: string, crs: string} | null
 * }} About
 * @typedef {{
 *   id: string, publisher: string, title: string, published?: string, url?: string, accessed?: string, licence?: string,
 *   note?: string
 * }} Source
 * @typedef {{
 *   field: string, value: string | number, unit: string, category: string, as_of: string, source: string, note: string,
 *   shown?: boolean
 * }} Claim
 * @typedef {{
 *   mode: string, from: string, to: string, length_km: number, length_published_km?: number, passages?: string[],
 *   closed?: string[], access_km?: number[], waypoints?: string[], branch?: string, sources: string[], note: string
 * }} Leg
 * @typedef {{
 *   layer: string, name: string, name_ru: string | null, name_ru_source: string | null, name_hi: string | null,
 *   name_hi_source: string | null, country: string | null, admin1: string | null, disputed: string[] | null,
 *   accuracy_km?: number, position_source?: string, position_note?: string, claims: Claim[], legs?: Leg[],
 *   passages?: string[], membership?: "certain" | "possible"
 * } & Record<string, unknown>} Properties
 * Those of an imported layer's feature are the file's own columns; what a card says of it stands beside them in `card`.
 * A geometry as the release stores it, within [-180°, 180°], and one as it is displayed, in the frame of frame.js.
 * @typedef {GeoJSON.Geometry} Stored
 * @typedef {GeoJSON.Point | GeoJSON.MultiLineString} Displayed
 * @typedef {{type: "Feature", id: string, geometry: Stored, properties: Properties, card?: Properties}} StoredFeature
 * @typedef {{type: "Feature", id: string, geometry: Displayed, properties: Properties}} Feature
 *
 * A named region: other codes and names it answers to, and the places in `features` of its certain and possible members.
 * One without members is there since it shares a name with another.
 * @typedef {{
 *   name: string, name_ru: string, name_hi: string, kind: string, country: string, codes?: string[], names?: string[],
 *   members?: [number[], number[]]
 * }} Region
 * @typedef {{
 *   release: string, about: About, features: StoredFeature[], sources: Record<string, Source>,
 *   regions: Record<string, Region>
 * }} Payload
 *
 * What a popup needs besides the feature itself.
 * @typedef {Omit<Payload, "features">} Context
 *
 * A feature on the map: its key `layer/id`, what it says, and what Leaflet draws for it.
 * @typedef {{key: string, feature: Feature, context: Context, drawn: L.Marker | L.FeatureGroup, node?: HTMLElement}} Handle
 */

export {};
