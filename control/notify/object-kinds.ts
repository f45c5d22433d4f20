/** The objects that say who is told: what they are called, and what their specs are. */
import { kindsOf } from "../alerts/objects/kind.ts";
import type { Kind } from "../alerts/objects/kind.ts";
import type { ConfigObject } from "../alerts/objects/object.ts";
import { receiverSpec } from "./receivers.ts";
import type { ReceiverSpec } from "./receivers.ts";
import { routeSpec } from "./routes.ts";
import type { Route } from "./routes.ts";

export const RECEIVER: Kind<ReceiverSpec> = { name: "Receiver", family: "receiver", spec: receiverSpec };

export const ROUTE: Kind<Route> = { name: "Route", family: "route", spec: routeSpec };

export const NOTIFY_KINDS = kindsOf(RECEIVER, ROUTE);

/**
 * Whoever may reach the API could have a receiver of his own sent what lies in any file or variable that control can read. So
 * secrets that lie elsewhere are for the files of whoever runs control.
 */
export function secretsElsewhere({ kind, written }: ConfigObject): string | undefined {
  if (kind !== RECEIVER.name || !/"from(File|Env)":/.test(JSON.stringify(written))) return undefined;
  return "a secret that lies in a file or a variable (fromFile, fromEnv) is read for receivers of SIDELIGHT_ALERTS_DIR only; write it out here, or state the receiver there";
}
