/** HTTP statuses or grpc-statuses, both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** Reads "404", "5xx" or "500-504"; undefined where it is none of them. */
export function parseStatus(text: string): StatusRange | undefined {
  const family = /^([1-9])xx$/i.exec(text)?.[1];
  if (family) return { from: Number(family) * 100, to: Number(family) * 100 + 99 };
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}
