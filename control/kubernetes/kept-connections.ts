import http from "node:http";
import https from "node:https";

/** A connection on which nothing is asked is closed after this, before the API server does so (90 s). */
const IDLE_MS = 60_000;

type Agent = https.RequestOptions["agent"];

/**
 * Connections that outlast a request. client-node makes an agent for each, and with it a connection and a handshake: about
 * one a second, of whoever holds the Lease.
 */
export class KeptConnections {
  #agent: http.Agent | undefined;
  #name = "";

  /** The agent to ask with in place of one that was made for the request; of a proxy it is that one itself. */
  of(made: Agent): Agent {
    if (!(made instanceof http.Agent) || !isOfNode(made)) return made;
    // One for http has the same, though its types do not say so.
    const { options } = made as https.Agent;
    const name = made.getName(options);
    // Certificates are renewed; connections with the old ones end when they have nothing to do.
    if (!this.#agent || name !== this.#name) {
      const Kind = made.constructor as typeof https.Agent;
      this.#agent = new Kind({ ...options, keepAlive: true, timeout: IDLE_MS });
      this.#name = name;
    }
    return this.#agent;
  }
}

function isOfNode({ constructor }: http.Agent): boolean {
  return constructor === http.Agent || constructor === https.Agent;
}
