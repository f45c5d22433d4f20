/** Reads that nobody waits for any more end in the store, over both APIs. */
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GetSeriesRequest, StatsClient } from "#proto/stats.ts";
import type { Store } from "../../../control/store/store.ts";
import { startControl } from "./fixture-control.ts";

const givenUp = suite("Series that nobody waits for");

/** A store whose series never come; `ended` is told when a read is given up. */
class EndlessStore {
  begun = 0;
  readonly ended: Promise<unknown>;
  #end: (reason: unknown) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  series: Store["series"] = (_question, signal) => {
    this.begun++;
    return new Promise((_resolve, reject) =>
      signal?.addEventListener("abort", () => {
        this.#end(signal.reason);
        reject(new Error("It was given up"));
      }),
    );
  };
}

async function during(
  reads: { readonly timeoutMs?: number },
  check: (endless: EndlessStore, client: StatsClient, http: string) => Promise<void>,
): Promise<void> {
  const endless = new EndlessStore();
  const started = await startControl({ store: endless as unknown as Store, http: { reads } });
  const asker = new StatsClient(started.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  try {
    await check(endless, asker, started.http);
    assert.equal(started.errors, [], "it is nobody's fault");
  } finally {
    asker.close();
    await started.close();
  }
}

const begun = async (endless: EndlessStore): Promise<void> => {
  while (endless.begun === 0) await new Promise((resolve) => setTimeout(resolve, 5));
};

givenUp("a gRPC call that is cancelled ends its read in the store", async () => {
  await during({}, async (endless, asker) => {
    const answer = new Promise<ServiceError | null>((resolve) => {
      const call = asker.getSeries(GetSeriesRequest.create({}), (error) => resolve(error));
      void begun(endless).then(() => call.cancel());
    });
    await endless.ended;
    assert.is((await answer)?.code, status.CANCELLED);
  });
});

givenUp("a gRPC call whose deadline passes ends its read in the store", async () => {
  await during({}, async (endless, asker) => {
    const answer = new Promise<ServiceError | null>((resolve) => {
      const deadline = { deadline: Date.now() + 300 };
      asker.getSeries(GetSeriesRequest.create({}), new Metadata(), deadline, (error) => resolve(error));
    });
    assert.is((await answer)?.code, status.DEADLINE_EXCEEDED);
    if (endless.begun > 0) await endless.ended;
  });
});

givenUp("a client of HTTP that goes away ends its read in the store", async () => {
  await during({}, async (endless, _asker, http) => {
    const gone = new AbortController();
    const answer = fetch(`${http}/api/v1/series`, { signal: gone.signal }).catch(() => "gone");
    await begun(endless);
    gone.abort();
    await endless.ended;
    assert.is(await answer, "gone");
  });
});

givenUp("a read past the time limit is ended in the store, and answered with what to do", async () => {
  await during({ timeoutMs: 50 }, async (endless, _asker, http) => {
    const response = await fetch(`${http}/api/v1/series`);
    assert.is(response.status, 504);
    assert.match(((await response.json()) as { error: { message: string } }).error.message, "shorter range");
    await endless.ended;
  });
});

givenUp.run();
