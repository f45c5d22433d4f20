/** Every limit of the history in InfluxDB. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Lines of one write; InfluxDB's own advice. A write that is refused as too large is halved. */
export const LINES_A_WRITE = 5_000;
/** Bodies above this are compressed, bytes. */
export const GZIP_ABOVE_BYTES = 1_000;
/** Milliseconds until a write, a query and a question about the set-up are given up. */
export const WRITE_TIMEOUT_MS = 20_000;
export const QUERY_TIMEOUT_MS = 60_000;
export const SETUP_TIMEOUT_MS = 10_000;
/** The longest wait that a server's Retry-After is given, milliseconds. */
export const LONGEST_WAIT_MS = 60_000;

/** Points of one chunk of an answer. */
export const CHUNK_POINTS = 10_000;
/** Stretches of time that one question may ask of one bucket; past it neighbours are joined. */
export const MAX_STRETCHES = 20;
/** Questions to InfluxDB that run side by side for one of control's. */
export const QUESTIONS_AT_ONCE = 6;
/** Routes named in one question; past it all are read and chosen here. */
export const MAX_ROUTES_ASKED = 50;

/** Alerts named in one question. */
export const ALERTS_ASKED = 100;

/** Nodes named in one question; past it all are read. */
export const MAX_NODES_ASKED = 20;

/** Series that one control writes by default. Clients can make reporters see new routes for ever; past it `~other`. */
export const MAX_SERIES = 200_000;
/** Series of what pods said that one control writes by default; past it pods are `~other`. */
export const MAX_POD_SERIES = 100_000;

/** Milliseconds after its end that a slot stays open, so that most windows are in before it is merged the first time. */
export const SLOT_GRACE_MS = 3_000;
/** Slots are merged this often, in time of the windows, milliseconds; so many at once. */
export const ROLL_UP_EVERY_MS = 10_000;
export const SLOTS_AT_ONCE = 30;
/** How long closing may merge, milliseconds. */
export const CLOSE_WAIT_MS = 2_000;
/** An identity that did not change is written again after this long, so that it does not expire while it is used. */
export const IDENTITY_EVERY_MS = DAY_MS;

/** How long the most telling requests by name are kept, and which they are: of each endpoint, in each stretch ... */
export const EXEMPLARS_KEPT_MS = 7 * DAY_MS;
export const TELLING_STRETCH_MS = 600_000;
/** ... so many of each kind, and of an hour at most so many. */
export const TELLING = { slowest: 1, failed: 3, perHour: 20_000 } as const;
