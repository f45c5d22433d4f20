/**
 * What the shop's services sent, counted where it was sent. These figures are compared with what the sidecars and the
 * taps counted, so each must be exact.
 */
import type { Socket } from "node:net";

/** HTTP requests from one service to another. */
export interface RequestCount {
  readonly client: string;
  readonly server: string;
  /** Requests that the client's sidecar received whole. */
  readonly sent: number;
  /**
   * Requests that were written, but whose connection the sidecar broke before it answered a byte: it may have
   * received them or not. Not part of `sent`. 0 as long as no sidecar dies.
   */
  readonly unclear: number;
}

/** TCP connections from a service to a store. */
export interface ConnectionCount {
  readonly client: string;
  readonly server: string;
  readonly opened: number;
}

/** What the stores speak, by the names that Sidelight has for it. */
export type StoreProtocol = "redis" | "mysql" | "postgresql" | "amqp";

/** Queries and messages between a service and a store. */
export interface QueryCount {
  readonly client: string;
  readonly server: string;
  readonly protocol: StoreProtocol;
  /** Those that were answered, and messages that nobody answers. */
  readonly sent: number;
  /** Those without an answer since the connection failed: they may have arrived. Not part of `sent`. */
  readonly unclear: number;
}

export interface CountersSnapshot {
  readonly http: readonly RequestCount[];
  readonly tcp: readonly ConnectionCount[];
  readonly queries: readonly QueryCount[];
  /** Requests that have left or are about to, and are not counted yet. */
  readonly inFlight: number;
}

export class Counters {
  readonly #http = new Map<string, { client: string; server: string; sent: number; unclear: number }>();
  readonly #tcp = new Map<string, { client: string; server: string; opened: number }>();
  readonly #queries = new Map<string, { -readonly [Key in keyof QueryCount]: QueryCount[Key] }>();
  #inFlight = 0;

  /** Notes that a request is under way until it is settled. */
  async during<T>(request: Promise<T>): Promise<T> {
    this.#inFlight += 1;
    try {
      return await request;
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Counts one request that left `client` for `server`. */
  request(client: string, server: string, fate: "sent" | "unclear"): void {
    const key = `${client}>${server}`;
    let edge = this.#http.get(key);
    if (!edge) this.#http.set(key, (edge = { client, server, sent: 0, unclear: 0 }));
    edge[fate] += 1;
  }

  /** Counts `socket` as a connection from `client` to the store `server` once it is established. */
  watch(socket: Socket, client: string, server: string): void {
    socket.once("connect", () => this.connection(client, server));
  }

  /** Counts one established connection. */
  connection(client: string, server: string): void {
    const key = `${client}>${server}`;
    let edge = this.#tcp.get(key);
    if (!edge) this.#tcp.set(key, (edge = { client, server, opened: 0 }));
    edge.opened += 1;
  }

  /** Counts one query, or one message, between a service and a store. */
  query(edge: Pick<QueryCount, "client" | "server" | "protocol">, fate: "sent" | "unclear"): void {
    const key = `${edge.client}>${edge.server}`;
    let count = this.#queries.get(key);
    if (!count) this.#queries.set(key, (count = { ...edge, sent: 0, unclear: 0 }));
    count[fate] += 1;
  }

  snapshot(): CountersSnapshot {
    const http = [...this.#http.values()].map((edge) => ({ ...edge }));
    const tcp = [...this.#tcp.values()].map((edge) => ({ ...edge }));
    const queries = [...this.#queries.values()].map((edge) => ({ ...edge }));
    return { http, tcp, queries, inFlight: this.#inFlight };
  }
}
