/**
 * Workloads of one pod each in a real mesh without containers: each pod is an address of the loopback, an application and a
 * stock Envoy that real istiod configures. Envoy fetches the filter itself, as Istio's agent would: istiod names the cluster "_" for
 * that.
 */
import { randomInt } from "node:crypto";
import http from "node:http";
import net from "node:net";
import { freePort } from "../../demo/free-port.ts";
import { startEnvoy } from "../envoy.ts";
import type { RunningEnvoy } from "../envoy.ts";
import { startApp, startEcho } from "../wasm-filter/traffic.ts";
import type { Closable } from "../wasm-filter/traffic.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Istiod } from "./istiod.ts";
import { createDeployment, createNamespace, createPod } from "./objects.ts";
import { sidecarBootstrap } from "./sidecar-bootstrap.ts";

/** Where control is, for sidecars. */
export interface ControlPorts {
  readonly grpc: number;
  readonly http: number;
}

export interface MeshWish {
  readonly plane: ControlPlane;
  readonly istiod: Istiod;
  readonly control: ControlPorts;
}

export interface PodPlace {
  readonly namespace: string;
  readonly name: string;
  /** Its own, of 127.0.0.0/8. */
  readonly address: string;
  /** Where it listens for others. */
  readonly inbound: Ports;
  /** Where the filter is fetched from. */
  readonly filterPort: number;
}

export interface Ports {
  readonly http: number;
  readonly tcp: number;
}

/** A workload, and how others reach it. */
export class MeshPod {
  constructor(
    readonly place: PodPlace,
    readonly envoy: RunningEnvoy,
    /** Of its address: where its application asks others over HTTP, and reaches the store. */
    readonly ports: Ports,
    private readonly closables: readonly Closable[],
  ) {}

  get id(): string {
    return `${this.place.namespace}/${this.place.name}`;
  }

  /** Its application asks another one. @returns the status, 0 where there was no answer */
  ask(other: MeshPod, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const { address } = this.place;
    const host = hostOf(other.place);
    return new Promise((resolve) => {
      const request = http.request(
        { host: address, port: this.ports.http, path, headers: { ...headers, host }, agent: false },
        (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode ?? 0));
          response.on("error", () => resolve(0));
        },
      );
      request.on("error", () => resolve(0));
      request.end();
    });
  }

  /** A connection of its application to the store, which sends back what it gets. */
  connect(): net.Socket {
    return net.connect(this.ports.tcp, this.place.address);
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    for (const closable of this.closables) await closable.close();
  }
}

/** That of control's Service; what listens for it listens on each pod's own address. */
const INGEST_PORT = 9400;

/** As Istio's agent has it, but that it gives connections of what was replaced 45 s. */
const DRAIN_SECONDS = 5;
const DRAIN = ["--drain-time-s", String(DRAIN_SECONDS), "--drain-strategy", "immediate"];

const NETWORKING = "/apis/networking.istio.io/v1";

export class Mesh {
  readonly #wish: MeshWish;
  /** Another network of the loopback for each mesh, so that several can be there at once. */
  readonly #network = `127.${randomInt(1, 255)}.${randomInt(0, 255)}`;
  #hosts = 1;
  /** The port of each mesh service, over HTTP and of opaque TCP. */
  readonly #ports: Ports;
  readonly #pods: MeshPod[] = [];

  private constructor(wish: MeshWish, ports: Ports) {
    this.#wish = wish;
    this.#ports = ports;
  }

  /** Tells the mesh where control is. */
  static async start(wish: MeshWish): Promise<Mesh> {
    const mesh = new Mesh(wish, await freePorts("127.0.0.1"));
    await mesh.#createService({ namespace: "sidelight", name: "sidelight" }, "127.0.0.1", [
      { number: INGEST_PORT, name: "grpc", protocol: "GRPC", targetPort: wish.control.grpc },
    ]);
    return mesh;
  }

  /** Makes a namespace with these workloads; the first is the store that the others reach over opaque TCP too. */
  async namespace(
    namespace: string,
    names: readonly string[],
    filterPort = this.#wish.control.http,
  ): Promise<MeshPod[]> {
    await createNamespace(this.#wish.plane.admin, namespace);
    const places: PodPlace[] = [];
    for (const name of names) {
      const address = this.#nextAddress();
      places.push({ namespace, name, address, inbound: await freePorts(address), filterPort });
    }
    for (const place of places) {
      await this.#createService(place, place.address, [
        { number: this.#ports.http, name: "http", protocol: "HTTP", targetPort: place.inbound.http },
        { number: this.#ports.tcp, name: "tcp", protocol: "TCP", targetPort: place.inbound.tcp },
      ]);
    }
    const pods: MeshPod[] = [];
    for (const place of places) pods.push(await this.#createPod(place, places[0] ?? place));
    return pods;
  }

  async stop(): Promise<void> {
    for (const pod of this.#pods) await pod.stop();
  }

  #nextAddress(): string {
    this.#hosts += 1;
    return `${this.#network}.${this.#hosts}`;
  }

  async #createService({ namespace, name }: Named, address: string, ports: readonly ServicePort[]): Promise<void> {
    await this.#create(namespace, "serviceentries", {
      ...{ kind: "ServiceEntry", metadata: { name } },
      spec: {
        ...{ hosts: [hostOf({ namespace, name })], location: "MESH_INTERNAL", resolution: "STATIC" },
        ...{ ports, endpoints: [{ address }] },
      },
    });
  }

  async #createPod(place: PodPlace, store: PodPlace): Promise<MeshPod> {
    const { plane, istiod } = this.#wish;
    const { namespace, name, address, inbound } = place;
    const [app, echo] = [await startApp(), await startEcho()];
    const replicaSet = await createDeployment(plane.admin, namespace, name);
    const pod = `${name}-a`;
    const listener = (protocol: "http" | "tcp", port: number) => ({
      ...{ port: { number: port, protocol: protocol.toUpperCase(), name: `${protocol}-${port}` } },
      ...{ bind: address, captureMode: "NONE" },
    });
    await this.#create(namespace, "sidecars", {
      ...{ kind: "Sidecar", metadata: { name } },
      spec: {
        workloadSelector: { labels: { app: name } },
        ingress: [
          { ...listener("http", inbound.http), defaultEndpoint: `127.0.0.1:${app.port}` },
          { ...listener("tcp", inbound.tcp), defaultEndpoint: `127.0.0.1:${echo.port}` },
        ],
        egress: [
          { ...listener("http", this.#ports.http), hosts: ["./*"] },
          // Of a listener with a port only services with that port are known to the sidecar.
          { ...listener("http", INGEST_PORT), hosts: ["sidelight/*"] },
          { ...listener("tcp", this.#ports.tcp), hosts: [`./${hostOf(store)}`] },
        ],
      },
    });
    await createPod(plane.admin, { namespace, name: pod, workload: name, replicaSet, address, sidecar: "istio-proxy" });
    const bootstrap = sidecarBootstrap({ ...place, pod, xdsPort: istiod.xdsPort });
    const envoy = await startEnvoy(bootstrap, { args: DRAIN });
    const made = new MeshPod(place, envoy, this.#ports, [app, echo]);
    this.#pods.push(made);
    return made;
  }

  async #create(namespace: string, resource: string, object: object): Promise<void> {
    const path = `${NETWORKING}/namespaces/${namespace}/${resource}`;
    await this.#wish.plane.admin.create(path, { apiVersion: "networking.istio.io/v1", ...object });
  }
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: "HTTP" | "GRPC" | "TCP";
  readonly targetPort: number;
}

async function freePorts(address: string): Promise<Ports> {
  return { http: await freePort(address), tcp: await freePort(address) };
}

function hostOf({ namespace, name }: Named): string {
  return `${name}.${namespace}.svc.cluster.local`;
}
