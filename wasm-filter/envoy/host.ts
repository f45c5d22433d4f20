/**
 * Numbers of proxy-wasm ABI 0.2.1, as far as the filter uses them.
 * https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1
 */

/** What a host function answers; the others mean the same to the filter: no. */
export const OK: u32 = 0;

export namespace LogLevel {
  export const WARNING: u32 = 3;
}

export namespace BufferType {
  export const GRPC_RECEIVE: u32 = 5;
  export const PLUGIN_CONFIGURATION: u32 = 7;
}

export namespace HeaderMap {
  export const REQUEST: u32 = 0;
}

export namespace MetricType {
  export const COUNTER: u32 = 0;
}
