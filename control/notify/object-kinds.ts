/** The objects that say who is told: what they are called, and what their specs are. */
import { kindsOf } from "../alerts/objects/kind.ts";
import type { Kind } from "../alerts/objects/kind.ts";
import { receiverSpec } from "./receivers.ts";
import type { ReceiverSpec } from "./receivers.ts";
import { routeSpec } from "./routes.ts";
import type { Route } from "./routes.ts";

export const RECEIVER: Kind<ReceiverSpec> = { name: "Receiver", family: "receiver", spec: receiverSpec };

export const ROUTE: Kind<Route> = { name: "Route", family: "route", spec: routeSpec };

export const NOTIFY_KINDS = kindsOf(RECEIVER, ROUTE);
