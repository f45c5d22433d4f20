/** Which alerts are meant by a question: the same for who asks once and for who watches. */
import { labelsOf } from "../alerts/mutes.ts";
import type { OpenQuestion } from "./alert-questions.ts";
import type { AlertsNow, ShownAlert } from "./alert-source.ts";
import type { Published } from "./newest-reader.ts";

/** What is told to who watches: an event of `GET /api/v1/alerts/stream`. */
export interface OpenAnswer extends AlertsNow {
  /** Whether more alerts are open than these. */
  readonly isCut: boolean;
  readonly isIncidentsCut: boolean;
}

type Filter = Pick<OpenQuestion, "rule" | "labels">;

/** Made once for each change, however many watch all of it. */
const whole = new WeakMap<AlertsNow, OpenAnswer>();

export function asksForAll({ rule, labels }: Filter): boolean {
  return rule === "" && labels.length === 0;
}

/** Tells whether an alert is one of those that are asked for. */
export function isWanted({ rule, labels }: Filter): (alert: ShownAlert) => boolean {
  return (alert) => {
    if (rule !== "" && alert.rule !== rule) return false;
    const has = labelsOf(alert);
    return labels.every(({ name, value }) => (has[name] ?? "") === value);
  };
}

/** What is published, of it what is asked for. */
export function askedOf(feed: Published<AlertsNow>, question: OpenQuestion): Published<OpenAnswer> {
  return {
    stats: feed.stats,
    latest: () => openOf(feed.latest(), question),
    subscribe: (listener) => feed.subscribe((now) => listener(openOf(now, question))),
  };
}

/** Incidents are those that such an alert belongs to, with all their alerts. */
function openOf(now: AlertsNow, question: OpenQuestion): OpenAnswer {
  if (asksForAll(question) && question.limit === Infinity) return wholeOf(now);
  const wanted = isWanted(question);
  const alerts = now.alerts.filter(wanted);
  const incidents = asksForAll(question) ? now.incidents : now.incidents.filter((each) => each.alerts.some(wanted));
  const { limit } = question;
  return {
    ...now,
    alerts: alerts.slice(0, limit),
    incidents: incidents.slice(0, limit),
    isCut: alerts.length > limit,
    isIncidentsCut: incidents.length > limit,
  };
}

function wholeOf(now: AlertsNow): OpenAnswer {
  let answer = whole.get(now);
  if (!answer) whole.set(now, (answer = { ...now, isCut: false, isIncidentsCut: false }));
  return answer;
}
