import { BucketsAPI, OrgsAPI } from "@influxdata/influxdb-client-apis";
import type { Bucket } from "@influxdata/influxdb-client-apis";
import type { InfluxClient } from "./client.ts";
import { InfluxError } from "./influx-error.ts";

/** A bucket that there must be; 0 seconds are for ever. */
export interface WantedBucket {
  readonly name: string;
  readonly everySeconds: number;
}

/**
 * Makes the buckets that are missing and gives those that are there the retention that is wanted. A token that may not
 * change one is no reason to stop as long as it is there: `warn` says so.
 */
export async function ensureBuckets(
  client: InfluxClient,
  wanted: readonly WantedBucket[],
  warn: (error: Error) => void,
): Promise<void> {
  let orgID: string | undefined;
  for (const bucket of wanted) {
    const present = await find(client, bucket.name);
    if (!present) {
      orgID ??= await findOrg(client);
      await make(client, orgID, bucket);
    } else if (secondsOf(present) !== bucket.everySeconds) {
      await retain(client, present, bucket).catch(warn);
    }
  }
}

async function find(client: InfluxClient, name: string): Promise<Bucket | undefined> {
  try {
    const { buckets = [] } = await new BucketsAPI(client.influx).getBuckets({ org: client.org, name });
    return buckets.find((bucket) => bucket.name === name);
  } catch (cause) {
    const error = client.failure(`Looking for the bucket ${name} of the organisation ${client.org}`, cause);
    if (error.isMissing) return undefined;
    throw error;
  }
}

async function findOrg(client: InfluxClient): Promise<string> {
  const doing = `Looking for the organisation ${client.org} in InfluxDB`;
  try {
    const { orgs = [] } = await new OrgsAPI(client.influx).getOrgs({ org: client.org });
    const [found] = orgs;
    if (found?.id) return found.id;
  } catch (cause) {
    const error = client.failure(doing, cause);
    if (!error.isMissing) throw error;
  }
  throw new InfluxError(
    doing,
    new Error("there is none that this token can see. Set SIDELIGHT_INFLUX_ORG to its name, and let the token read it"),
  );
}

async function make(client: InfluxClient, orgID: string, { name, everySeconds }: WantedBucket): Promise<void> {
  const retentionRules = everySeconds === 0 ? [] : [{ type: "expire" as const, everySeconds }];
  const description = "History of Sidelight";
  try {
    await new BucketsAPI(client.influx).postBuckets({ body: { orgID, name, description, retentionRules } });
  } catch (cause) {
    const error = client.failure(`Making the bucket ${name} in InfluxDB`, cause);
    // Another control has made it in between.
    if (error.status !== 422) throw error;
  }
}

async function retain(client: InfluxClient, { id = "", name }: Bucket, { everySeconds }: WantedBucket): Promise<void> {
  const retentionRules = everySeconds === 0 ? [] : [{ type: "expire" as const, everySeconds }];
  try {
    await new BucketsAPI(client.influx).patchBucketsID({ bucketID: id, body: { retentionRules } });
  } catch (cause) {
    throw client.failure(`Giving the bucket ${name} a retention of ${everySeconds} s`, cause);
  }
}

function secondsOf({ retentionRules }: Bucket): number {
  return retentionRules.find(({ type }) => type === "expire" || type === undefined)?.everySeconds ?? 0;
}
