/** Wires who is told: receivers out of objects, the outbox, and the links that notifications carry. */
import type { Registry } from "prom-client";
import type { AlertDb } from "./alerts/alert-db.ts";
import type { Incident } from "./alerts/alert.ts";
import type { Tick } from "./alerts/engine.ts";
import { isOf } from "./alerts/objects/kind.ts";
import type { ConfigObject } from "./alerts/objects/object.ts";
import type { ReceiverStatus } from "./api/alert-source.ts";
import type { Notification } from "./notify/notification.ts";
import { realClock } from "./notify/outbox/clock.ts";
import { Outbox } from "./notify/outbox/outbox.ts";
import { RECEIVER, ROUTE } from "./notify/object-kinds.ts";
import { kindOf, makeReceiver } from "./notify/receivers.ts";
import type { Receiver, ReceiverSpec } from "./notify/receivers.ts";
import { receiversOf } from "./notify/routes.ts";
import type { Route } from "./notify/routes.ts";
import { secretsOf } from "./notify/secret.ts";
import { wordsOf } from "./notify/words.ts";

export interface AlertReceiversDeps {
  readonly db: AlertDb;
  readonly registry: Registry;
  /** Under which address people reach the UI; undefined where nobody said. */
  readonly publicUrl: string | undefined;
  /** Objects in force. */
  readonly objects: () => readonly ConfigObject[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class AlertReceivers {
  readonly #deps: AlertReceiversDeps;
  readonly #outbox: Outbox;
  #receivers: readonly (Receiver & { readonly spec: ReceiverSpec })[];
  #replacing: Promise<void> = Promise.resolve();

  constructor(deps: AlertReceiversDeps) {
    this.#deps = deps;
    this.#receivers = this.#stated();
    this.#outbox = new Outbox({ db: deps.db, clock: realClock, registry: deps.registry, receivers: this.#receivers });
  }

  /** Takes in what a tick says, in one transaction with what else is written. */
  tell({ tellings }: Tick, alsoWrite: () => void): Promise<void> {
    const all = this.#receivers.map(({ name }) => name);
    const routes = this.#routes();
    return this.#outbox.tell(
      tellings.map(({ id, incident }) => ({
        notification: this.#notification(id, incident),
        receivers: receiversOf(incident, routes, all),
      })),
      alsoWrite,
    );
  }

  /** What fires, as it is now. */
  refresh(incidents: readonly Incident[]): void {
    this.#outbox.refresh(incidents.map((incident) => ({ incident, mapUrl: this.#mapUrl(incident) })));
  }

  /** Whether a receiver was told of an incident. */
  hasTold(incident: string): boolean {
    return this.#outbox.hasTold(incident);
  }

  /** Objects have changed. */
  objectsChanged(): void {
    this.#receivers = this.#stated();
    this.#replacing = this.#replacing.then(() => this.#outbox.replaceReceivers(this.#receivers));
  }

  status(): ReceiverStatus[] {
    const letters = this.#outbox.deadLetters();
    return this.#outbox.status().map(({ receiver: name, why, oldestMs, ...status }) => {
      const spec = this.#receivers.find((receiver) => receiver.name === name)?.spec;
      const dead = letters
        .filter(({ receiver }) => receiver === name)
        .map(({ notification, sinceMs: atMs, why: error }) => {
          const { id } = notification.incident;
          return { id, incident: id, atMs, error, title: wordsOf(notification).title };
        });
      return { ...status, name, kind: spec ? kindOf(spec) : "gone", dead, error: why, waitingSinceMs: oldestMs };
    });
  }

  /** @returns why a test was not taken; empty where it was; undefined where there is no such receiver */
  async test(name: string): Promise<string | undefined> {
    if (!this.#receivers.some((receiver) => receiver.name === name)) return undefined;
    const nowMs = this.#deps.now();
    try {
      await this.#outbox.test(name, this.#notification(`test-${nowMs.toString(36)}`, sample(nowMs)));
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Tries dead letters again, or drops them. @param incidents all, where empty @returns how many */
  async settle(name: string, incidents: readonly string[], isDrop: boolean): Promise<number> {
    let settled = 0;
    for (const { receiver, notification } of this.#outbox.deadLetters()) {
      const { id } = notification.incident;
      if (receiver !== name || (incidents.length > 0 && !incidents.includes(id))) continue;
      const isThere = isDrop ? await this.#outbox.drop(name, id) : await this.#outbox.resend(name, id);
      if (isThere) settled++;
    }
    return settled;
  }

  async close(): Promise<void> {
    await this.#replacing;
    await this.#outbox.close();
  }

  #stated(): (Receiver & { readonly spec: ReceiverSpec })[] {
    const context = { secrets: secretsOf(process.env), nowMs: this.#deps.now };
    return this.#deps.objects().flatMap((object) => {
      if (object.isDisabled || !isOf(RECEIVER, object) || !object.spec) return [];
      return [{ ...makeReceiver(object.name, object.spec, context), spec: object.spec }];
    });
  }

  /** In the order of their names. */
  #routes(): Route[] {
    const routes = this.#deps.objects().filter((object) => !object.isDisabled && isOf(ROUTE, object));
    const inOrder = [...routes].sort((a, b) => (a.name < b.name ? -1 : 1));
    return inOrder.flatMap((object) => (isOf(ROUTE, object) && object.spec ? [object.spec] : []));
  }

  #notification(id: string, incident: Incident): Notification {
    return { id, incident, mapUrl: this.#mapUrl(incident), mayBeRepeated: false, isTest: false };
  }

  /** The map as it was when the incident was at its worst known: now, while it fires, or just before it was over. */
  #mapUrl({ origin, sinceMs, alerts }: Incident): string {
    const { publicUrl } = this.#deps;
    if (publicUrl === undefined) return "";
    const firedMs = Math.max(sinceMs, ...alerts.map((alert) => alert.firedMs ?? 0));
    const selection = origin.server === "" ? "" : `&node=${encodeURIComponent(origin.server)}`;
    return `${publicUrl}/?at=${new Date(firedMs).toISOString()}${selection}`;
  }
}

/** Something to test a receiver with. */
function sample(nowMs: number): Incident {
  const measured = { value: 0.12, limit: 0.05, usual: null, requests: 100, bad: 12 };
  const labels = { workload: "example/checkout", method: "GET", route: "/cart" };
  const texts = { description: "", runbook: "", owner: "" };
  return {
    ...{ id: "test", state: "firing", severity: "warning", sinceMs: nowMs, resolvedMs: null, mutedBy: "" },
    origin: { server: "example/checkout", method: "GET", route: "/cart" },
    affected: ["example/front-end"],
    alerts: [
      {
        ...{ id: "test", fingerprint: "0000000000000000", rule: "test", severity: "warning", state: "firing", labels },
        ...{ sinceMs: nowMs, firedMs: nowMs, resolvedMs: null, resolvedBy: null, measured, incident: "test", ...texts },
        summary: "12 % of requests for GET /cart to example/checkout failed over 5 min (limit 5 %)",
      },
    ],
  };
}
