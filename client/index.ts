/** The client of Sidelight's stats API. README.md beside this file shows how it is used. */
export { SidelightClient } from "./client.ts";
export type { Question } from "./client.ts";
export type { CallOptions, ClientOptions } from "./calls.ts";
export { attribute, filter, grouping } from "./condition.ts";
export { AlertsClient } from "./alerts-client.ts";
export type { BacktestOptions, WatchAlertsOptions } from "./alerts-client.ts";
export { Listing } from "./listing.ts";
export type { Watchable, WatchedAnswer, WatchOptions } from "./watching.ts";
export { SidelightError } from "./sidelight-error.ts";
/** The words of questions and answers. */
export { Attribute, Direction, End, FilterOperator, Health, Measure, NodeKind, PodOrder } from "#proto/stats.ts";
export type * from "#proto/stats.ts";
export { AlertState, ObjectOrigin, ResolvedBy, Severity } from "#proto/alerts.ts";
export type {
  Alert,
  ApplyObjectsResponse,
  BacktestResult,
  Burn,
  DeadLetter,
  Incident,
  ListAlertsResponse,
  ListIncidentsResponse,
  ListObjectivesResponse,
  Object as StatedObject,
  ObjectChange,
  Objective,
  ObjectProblem,
  Receiver,
  WatchAlertsResponse,
} from "#proto/alerts.ts";
