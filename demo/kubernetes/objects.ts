/** The parts that all objects of the demo in a cluster are made of. */
import { DEMO_LABEL } from "./names.ts";

/** An object of the API, as `kubectl apply` takes it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...DEMO_LABEL, ...labels } } };
}

export interface Program {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  /** Port by name; a mesh reads the protocol out of the name. The first is what the Service offers. */
  readonly ports: Readonly<Record<string, number>>;
  readonly servicePort: number;
  readonly readiness: object;
  readonly memory: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where a volume is mounted, and what it is. */
  readonly volume: { readonly path: string; readonly source: object } | undefined;
  /** Seconds that a pod goes on answering after it was told to end, until everybody has heard that it does. */
  readonly lingerSeconds: number;
}

/** A workload of one pod, and the Service of its name. */
export function workload(kind: "Deployment" | "StatefulSet", program: Program): KubernetesObject[] {
  const { name, namespace, servicePort } = program;
  const selector = { "app.kubernetes.io/name": name };
  const metadata = { name, namespace, labels: { ...DEMO_LABEL, ...selector } };
  const [portName] = Object.keys(program.ports);
  const service = { selector, ports: [{ name: portName, port: servicePort, targetPort: portName }] };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: service },
    {
      ...{ apiVersion: "apps/v1", kind, metadata },
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        ...(kind === "StatefulSet" && { serviceName: name }),
        template: podOf(program, { ...DEMO_LABEL, ...selector, ...program.labels }),
      },
    },
  ];
}

function podOf(program: Program, labels: Readonly<Record<string, string>>): object {
  const { name, image, args, ports, readiness, memory, volume, lingerSeconds } = program;
  const linger = { lifecycle: { preStop: { exec: { command: ["sleep", String(lingerSeconds)] } } } };
  const container = {
    ...{ name, image, args, imagePullPolicy: "IfNotPresent", readinessProbe: readiness },
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    resources: { requests: { cpu: "10m", memory }, limits: { memory: "512Mi" } },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    },
    ...(volume && { volumeMounts: [{ name: "files", mountPath: volume.path }] }),
    ...(lingerSeconds > 0 && linger),
  };
  return {
    metadata: { labels, annotations: program.annotations ?? {} },
    spec: {
      ...{ enableServiceLinks: false, automountServiceAccountToken: false, terminationGracePeriodSeconds: 30 },
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [container],
      ...(volume && { volumes: [{ name: "files", ...volume.source }] }),
    },
  };
}
