/** What receivers are, as people write them, and the notifiers that they make. */
import { z } from "zod";
import { duration } from "../alerts/objects/parts.ts";
import { alertmanager } from "./alertmanager/alertmanager.ts";
import { email } from "./email/email.ts";
import type { Kind, NotifierContext } from "./kind.ts";
import type { Notifier } from "./notification.ts";
import { pagerduty } from "./pagerduty/pagerduty.ts";
import { slack } from "./slack/slack.ts";
import { sayWith, template } from "./template.ts";
import { teams } from "./teams/teams.ts";
import { webhook } from "./webhook/webhook.ts";

/** A folder each; the name is that of the field in a receiver's spec. */
const KINDS = { webhook, slack, pagerduty, email, teams, alertmanager };

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** The spec of a `Receiver`. Exactly one kind is given. */
export const receiverSpec = z
  .strictObject({
    webhook: webhook.settings.optional(),
    slack: slack.settings.optional(),
    pagerduty: pagerduty.settings.optional(),
    email: email.settings.optional(),
    teams: teams.settings.optional(),
    alertmanager: alertmanager.settings.optional(),
    /** In place of what Sidelight says. */
    title: template.optional(),
    text: template.optional(),
    /** Notifications a minute; what is over waits. */
    maxPerMinute: z.int().min(1).max(6_000).optional(),
    /** Of one try. */
    timeout: duration({ least: 1_000, most: 60_000, like: "10s" }).default(10_000),
    /** How long something is tried before it becomes a dead letter. */
    giveUpAfter: duration({ least: 60_000, most: 7 * 86_400_000, like: "24h" }).default(86_400_000),
  })
  .refine((spec) => kindsIn(spec).length === 1, { error: `must have exactly one of ${KIND_NAMES.join(", ")}` });

export type ReceiverSpec = z.output<typeof receiverSpec>;

/** A receiver that is ready to be told. */
export interface Receiver {
  readonly name: string;
  readonly kind: KindName;
  readonly notifier: Notifier;
  readonly maxPerMinute: number;
  readonly timeoutMs: number;
  readonly giveUpAfterMs: number;
}

export function makeReceiver(name: string, spec: ReceiverSpec, context: Omit<NotifierContext, "say">): Receiver {
  const kind = kindOf(spec);
  // Each kind takes the settings that its own schema made.
  const { make, maxPerMinute }: Omit<Kind<never>, "settings"> = KINDS[kind];
  return {
    name,
    kind,
    notifier: make(spec[kind] as never, { ...context, say: sayWith(spec.title, spec.text) }),
    maxPerMinute: spec.maxPerMinute ?? maxPerMinute,
    timeoutMs: spec.timeout,
    giveUpAfterMs: spec.giveUpAfter,
  };
}

export function kindOf(spec: ReceiverSpec): KindName {
  return kindsIn(spec)[0]!;
}

function kindsIn(spec: Partial<Record<KindName, unknown>>): KindName[] {
  return KIND_NAMES.filter((kind) => spec[kind] !== undefined);
}
