/** A real Prometheus that scrapes one Envoy as Istio's sample set-up does. */
import { prometheusPrograms } from "../provision/prometheus.ts";
import { Prometheus } from "../tests/prometheus.ts";

/** `scrape_interval` of samples/addons/prometheus.yaml in Istio's release. */
export const PROMETHEUS_SCRAPE_SECONDS = 15;

const COMPLETED = 'sum(envoy_http_downstream_rq_completed{envoy_http_conn_manager_prefix="inbound"})';

export interface EnvoyPrometheus {
  /** Requests that Envoy had completed, as of the last scrape. */
  completedRequests(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one, or says why it cannot and returns undefined: the benchmark then goes without the comparison. */
export async function startEnvoyPrometheus(
  envoyAdminPort: number,
  say: (line: string) => void,
): Promise<EnvoyPrometheus | undefined> {
  try {
    const prometheus = await Prometheus.start(await prometheusPrograms(), {
      ...{ address: `127.0.0.1:${envoyAdminPort}`, job: "envoy", path: "/stats/prometheus" },
      seconds: PROMETHEUS_SCRAPE_SECONDS,
    });
    return {
      completedRequests: async () => (await prometheus.query(COMPLETED))[0]?.value ?? 0,
      stop: prometheus.stop,
    };
  } catch (error) {
    say(`Without Prometheus to compare with: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
