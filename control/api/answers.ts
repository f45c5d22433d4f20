import type { HistoryReader } from "./history-reader.ts";
import { requireNode } from "./known-node.ts";
import type { NamedNode } from "./known-node.ts";
import type { PodPicture } from "../world/pod-edges.ts";
import { isPodGroupBy } from "../world/pod-topology.ts";
import { pageable } from "./pages.ts";
import type { Page, Pages } from "./pages.ts";
import { pathsOf } from "./path-answers.ts";
import type { PathsAnswer, PathsQuestion } from "./path-answers.ts";
import { podTopologyOf, podsOf } from "./pod-answers.ts";
import type { PodsAnswer, PodsQuestion } from "./pod-answers.ts";
import type { ApiSources } from "./sources.ts";
import { seriesOf } from "./series-answers.ts";
import type { SeriesTold, SeriesWish } from "./series-answers.ts";
import { endpointsOf, seen, topologyOf, topologyPages, workloadsOf } from "./topology-answers.ts";
import type {
  EndpointsAnswer,
  EndpointsQuestion,
  Seen,
  TopologyAnswer,
  TopologyQuestion,
  When,
  WorkloadsAnswer,
  WorkloadsQuestion,
} from "./topology-answers.ts";

/** Puts questions to the world, now or in the past, and tells the answers page by page. Both APIs stand on it. */
export class Answers {
  readonly #sources: Pick<ApiSources, "feed" | "world">;
  readonly #history: HistoryReader;
  readonly #pages: Pages;

  constructor(sources: Pick<ApiSources, "feed" | "world">, history: HistoryReader, pages: Pages) {
    this.#sources = sources;
    this.#history = history;
    this.#pages = pages;
  }

  /**
   * @param signal aborted when the asker is gone
   * @throws HttpError as `Pages.tell` and `HistoryReader.read`. The same holds for the other questions.
   */
  workloads(question: WorkloadsQuestion, signal: AbortSignal): Promise<Page<WorkloadsAnswer>> {
    return this.#pages.tell("workloads", question, async () => {
      const answer = workloadsOf(await this.#seen(question, signal), question);
      return pageable(answer.workloads, (workloads) => ({ ...answer, workloads }));
    });
  }

  topology(question: TopologyQuestion, signal: AbortSignal): Promise<Page<TopologyAnswer>> {
    const { groupBy } = question;
    return this.#pages.tell("topology", question, async () => {
      const world = await this.#seen(question, signal);
      this.#require(world, { field: "around", role: "node", id: question.around?.node });
      if (groupBy === undefined || !isPodGroupBy(groupBy)) return topologyPages(topologyOf(world, question, groupBy));
      return topologyPages(podTopologyOf(await this.#podsIn(question, signal), world.snapshot, question, groupBy));
    });
  }

  /** Pods, the busiest first. A workload that nobody knows is refused. */
  pods(question: PodsQuestion, signal: AbortSignal): Promise<Page<PodsAnswer>> {
    return this.#pages.tell("pods", question, async () => {
      const { workload, past } = question;
      const { feed } = this.#sources;
      const snapshot = past ? feed.latest() : feed.fresh();
      const picture = await this.#podsIn(question, signal);
      if (workload && !picture.nodes.has(workload)) {
        requireNode([snapshot], { field: "workload", role: "node", id: workload });
      }
      const answer = podsOf(picture, question);
      return pageable(answer.pods, (pods) => ({ ...answer, pods }));
    });
  }

  endpoints(question: EndpointsQuestion, signal: AbortSignal): Promise<Page<EndpointsAnswer>> {
    return this.#pages.tell("endpoints", question, async () => {
      const world = await this.#seen(question, signal);
      if (question.refusesUnknown) this.#requireEnds(world, question);
      const answer = endpointsOf(world, question);
      return pageable(answer.endpoints, (endpoints) => ({ ...answer, endpoints }));
    });
  }

  paths(question: PathsQuestion, signal: AbortSignal): Promise<Page<PathsAnswer>> {
    return this.#pages.tell("paths", question, async () => {
      const world = await this.#seen(question, signal);
      this.#requireEnds(world, question);
      return pathsOf(world, question);
    });
  }

  /** @throws HttpError as `HistoryReader.read` */
  series(wish: SeriesWish, signal: AbortSignal): Promise<SeriesTold> {
    return seriesOf(this.#history, wish, signal);
  }

  #requireEnds(world: Seen, { server, client }: Pick<EndpointsQuestion, "server" | "client">): void {
    this.#require(world, { field: "server", role: "server", id: server });
    this.#require(world, { field: "client", role: "client", id: client });
  }

  /** What did nothing in a past window may well be known now. */
  #require({ snapshot }: Seen, named: NamedNode): void {
    requireNode([snapshot, this.#sources.feed.latest()], named);
  }

  /** Of the present as of the latest snapshot. */
  #podsIn({ past }: When, signal: AbortSignal): PodPicture | Promise<PodPicture> {
    return past ? this.#history.pods(past, signal) : this.#sources.world.pods();
  }

  #seen({ past }: When, signal: AbortSignal): Promise<Seen> {
    return seen(this.#sources, this.#history, { past, signal });
  }
}
