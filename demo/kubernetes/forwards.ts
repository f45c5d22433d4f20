/** Ways from this machine to what runs in the cluster: `kubectl port-forward`, taken up again when a pod that it led to has gone. */
import { freePort } from "../free-port.ts";
import type { PartSpec } from "../part.ts";
import { isOk } from "../ready.ts";
import type { Kubectl } from "./kubectl.ts";

const HOST = "127.0.0.1";

export interface Way {
  readonly namespace: string;
  readonly service: string;
  /** The Service's ports, each with the local one that is taken if it is free. */
  readonly ports: readonly (readonly [port: number, preferred: number])[];
  /** Is answered 200 at the last of the ports. */
  readonly path: string;
}

export interface Forward {
  readonly part: PartSpec;
  /** Local base URLs, in the order of the ports. */
  readonly urls: readonly string[];
}

export async function forward(kubectl: Kubectl, { namespace, service, ports, path }: Way): Promise<Forward> {
  const pairs: string[] = [];
  const urls: string[] = [];
  for (const [port, preferred] of ports) {
    const local = await freePort(HOST, preferred);
    pairs.push(`${local}:${port}`);
    urls.push(`http://${HOST}:${local}`);
  }
  const words = ["-n", namespace, "port-forward", "--address", HOST, `service/${service}`, ...pairs];
  const again = 'while :; do "$@"; sleep 1; done';
  return {
    urls,
    part: {
      name: `way to ${service}`,
      command: "sh",
      args: ["-c", again, "sh", kubectl.path, ...kubectl.words(words)],
      readyWithinMs: 60_000,
      isReady: () => isOk(`${urls.at(-1)}${path}`),
    },
  };
}
