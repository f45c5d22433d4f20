/** Results of proxy-wasm host functions. */
export const Status = {
  ok: 0,
  notFound: 1,
  badArgument: 2,
  invalidMemory: 6,
  casMismatch: 8,
  internalFailure: 10,
} as const;
