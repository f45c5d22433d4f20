/**
 * The host functions of proxy-wasm ABI 0.2.1 that the filter imports. All answer with a status, 0 = OK; values they
 * write to addresses given.
 * https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1
 *
 * AssemblyScript imports what a file declares from a module of the file's name, here "env".
 */

export declare function proxy_log(level: u32, message: usize, size: u32): u32;

export declare function proxy_get_property(path: usize, size: u32, value: usize, valueSize: usize): u32;

export declare function proxy_get_buffer_bytes(type: u32, start: u32, length: u32, value: usize, valueSize: usize): u32;

export declare function proxy_get_header_map_pairs(map: u32, value: usize, valueSize: usize): u32;

export declare function proxy_get_header_map_value(
  map: u32,
  key: usize,
  keySize: u32,
  value: usize,
  valueSize: usize,
): u32;

/** `cas` is where the value's version goes, a u32. What is shared is so by all VMs of the process with this vm_id. */
export declare function proxy_get_shared_data(
  key: usize,
  keySize: u32,
  value: usize,
  valueSize: usize,
  cas: usize,
): u32;

/** With `cas` other than 0 the value changes only if that is its version; one that is not there is made in any case. */
export declare function proxy_set_shared_data(key: usize, keySize: u32, value: usize, valueSize: u32, cas: u32): u32;

export declare function proxy_get_current_time_nanoseconds(time: usize): u32;

export declare function proxy_set_tick_period_milliseconds(millis: u32): u32;

export declare function proxy_set_effective_context(context: u32): u32;

export declare function proxy_done(): u32;

export declare function proxy_define_metric(type: u32, name: usize, size: u32, metric: usize): u32;

export declare function proxy_increment_metric(metric: u32, by: i64): u32;

export declare function proxy_grpc_stream(
  target: usize,
  targetSize: u32,
  service: usize,
  serviceSize: u32,
  method: usize,
  methodSize: u32,
  metadata: usize,
  metadataSize: u32,
  token: usize,
): u32;

export declare function proxy_grpc_send(token: u32, message: usize, size: u32, isEnd: u32): u32;

export declare function proxy_grpc_close(token: u32): u32;
