/**
 * Pods outside of any mesh whose traffic is known exactly: an HTTP server and a Redis, and askers, each of which ends when it has sent
 * what it was told and prints how much of it was answered.
 */
import { IMAGES } from "../../demo/kubernetes/names.ts";
import { namespace } from "../../demo/kubernetes/objects.ts";
import type { KubernetesObject } from "../../demo/kubernetes/objects.ts";

export const NAMESPACE = "sidelight-tap-test";
export const ECHO = "echo";
export const CACHE = "cache";
const PORTS = { [ECHO]: 8080, [CACHE]: 6379 };

const SECURE = {
  ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
  capabilities: { drop: ["ALL"] },
};
/** No HTTP answer may be cut off by a pod that goes. */
const LINGER = { preStop: { exec: { command: ["sleep", "8"] } } };

const ANSWER = `require("node:http").createServer((request, response) => response.end("echo")).listen(${PORTS[ECHO]})`;

/** Each request on a connection of its own, so that it goes to whichever pod is behind the Service by then. */
const ask = (count: number, everyMs: number): string => `
  const http = require("node:http");
  const sent = (n) => new Promise((done) => http.get("http://${ECHO}/orders/" + n, { agent: false }, (answer) => {
    answer.resume().on("end", () => done(answer.statusCode === 200));
  }).on("error", () => done(false)));
  (async () => {
    let answered = 0;
    for (let n = 0; n < ${count}; n++) {
      answered += Number(await sent(n));
      await new Promise((done) => setTimeout(done, ${everyMs}));
    }
    console.log(answered);
  })()`;

/** The servers, each on one node. */
export function tappedServers(node: string): KubernetesObject[] {
  return [
    namespace(NAMESPACE),
    ...server(ECHO, node, { image: IMAGES.shop, command: ["node", "-e", ANSWER], lifecycle: LINGER }),
    ...server(CACHE, node, {
      image: IMAGES.stores,
      args: ["redis"],
      volumeMounts: [{ name: "data", mountPath: "/data" }],
    }),
  ];
}

function server(name: keyof typeof PORTS, node: string, container: object): KubernetesObject[] {
  const labels = { "app.kubernetes.io/name": name };
  const metadata = { name, namespace: NAMESPACE, labels };
  const port = PORTS[name];
  return [
    {
      ...{ apiVersion: "v1", kind: "Service", metadata },
      spec: { selector: labels, ports: [{ port: name === ECHO ? 80 : port, targetPort: port }] },
    },
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            ...podOf({ name, ...container, readinessProbe: { tcpSocket: { port }, periodSeconds: 1 } }),
            nodeSelector: { "kubernetes.io/hostname": node },
          },
        },
      },
    },
  ];
}

/** Asks `echo` over HTTP, `count` times. */
export function httpAsker(name: string, node: string, asked: { count: number; everyMs: number }): KubernetesObject {
  const command = ["node", "-e", ask(asked.count, asked.everyMs)];
  return asker(name, node, { image: IMAGES.shop, command });
}

/** Asks `cache` to count up, `count` times; what it prints last is how far it counted. */
export function redisAsker(name: string, node: string, count: number): KubernetesObject {
  const command = ["redis-cli", "-h", CACHE, "-r", String(count), "incr", "asked"];
  return asker(name, node, { image: IMAGES.stores, command });
}

function asker(name: string, node: string, container: object): KubernetesObject {
  return {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE } },
    spec: { ...podOf({ name, ...container }), nodeName: node, restartPolicy: "Never" },
  };
}

function podOf(container: object): object {
  return {
    ...{ automountServiceAccountToken: false, enableServiceLinks: false, terminationGracePeriodSeconds: 20 },
    securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ imagePullPolicy: "IfNotPresent", securityContext: SECURE, ...container }],
    volumes: [{ name: "data", emptyDir: {} }],
  };
}
