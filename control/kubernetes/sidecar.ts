import type { ContainerObject, PodSpec } from "./objects.ts";

/** What meshes call the Envoy that they put into a pod. */
const NAMES: ReadonlySet<string> = new Set([
  "istio-proxy",
  "kuma-sidecar",
  "consul-dataplane",
  "envoy",
  "envoy-sidecar",
  "envoy-proxy",
]);
/** The last part of an image's path, without its tag: envoyproxy/envoy, istio/proxyv2, envoy-distroless. */
const IMAGES = /(?:^|\/)(?:envoy|proxyv2|kuma-dp|consul-dataplane)(?:-[a-z]+)*(?:[:@][^/]*)?$/;

/** Whether an Envoy runs in the pod, as a container of its own or as a native sidecar among the init containers. */
export function hasSidecar({ containers = [], initContainers = [] }: PodSpec): boolean {
  return [...containers, ...initContainers].some(isEnvoy);
}

function isEnvoy({ name, image = "" }: ContainerObject): boolean {
  return NAMES.has(name) || IMAGES.test(image);
}
