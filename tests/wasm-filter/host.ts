/**
 * A scripted proxy-wasm host: runs the compiled filter in Node as Envoy would, with a clock, attributes, configuration
 * and a control plane in the hands of the test. What it hands to the module goes through the module's own `malloc`.
 * https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Status } from "./host-status.ts";
import { encodePairs } from "./pairs.ts";

/** What a context answers when it is asked: attributes by their dotted path, request headers by name. */
export interface Context {
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  readonly headers?: ReadonlyMap<string, Uint8Array> | undefined;
}

/** A gRPC stream that the module opened. */
export interface HostStream {
  readonly token: number;
  readonly root: number;
  readonly target: Uint8Array;
  readonly path: string;
  readonly sent: Uint8Array[];
  isOpen: boolean;
}

/**
 * Replaces an answer of the host: called with the name of the function, returns a status to answer with at once, or
 * bytes to answer with instead, or undefined to go on as scripted. `at` and `size` forge where the module is told that
 * they lie. Of a function that answers with a number (a time, an id) the bytes are that number.
 */
export type Sabotage = (call: string) => number | { bytes: Uint8Array; at?: number; size?: number } | undefined;

interface Exports {
  readonly memory: WebAssembly.Memory;
  malloc(size: number): number;
  _initialize(): void;
  proxy_on_vm_start(root: number, size: number): number;
  proxy_on_configure(root: number, size: number): number;
  proxy_on_tick(root: number): void;
  proxy_on_new_connection(context: number): number;
  proxy_on_log(context: number): void;
  proxy_on_done(context: number): number;
  proxy_on_grpc_receive(root: number, token: number, size: number): void;
  proxy_on_grpc_close(root: number, token: number, status: number): void;
}

/** What VMs of one process share: values with their versions, by key. */
export type SharedData = Map<string, { value: Uint8Array; version: number }>;

const file = fileURLToPath(new URL("../../build/filter/sidelight.wasm", import.meta.url));
let compiled: WebAssembly.Module | undefined;

/** The compiled filter; `npm run build -- filter` makes it. */
export function filterModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(file));
  return compiled;
}

let nextVersion = 1;

export class Host {
  readonly contexts = new Map<number, Context>();
  readonly logs: string[] = [];
  readonly metrics = new Map<string, bigint>();
  readonly tickPeriods = new Map<number, number>();
  readonly streams: HostStream[] = [];
  /** Times `proxy_done` was called, by root context. */
  readonly done: number[] = [];
  readonly calls = new Map<string, number>();
  readonly exports: Exports;
  nowMs = 1_800_000_000_000;
  /** Whether proxy_grpc_stream finds a healthy host. */
  isControlUp = true;
  sabotage: Sabotage | undefined;
  private current = 0;
  private buffer: Uint8Array = new Uint8Array();
  private readonly metricNames: string[] = [];
  private nextToken = 1;

  /** Hosts that are given the same `shared` are VMs of one process. */
  constructor(private readonly shared: SharedData = new Map()) {
    const instance = new WebAssembly.Instance(filterModule(), this.imports());
    this.exports = instance.exports as unknown as Exports;
    this.exports._initialize();
  }

  /** Creates a root context and configures it; returns what on_configure answered. */
  configure(root: number, configuration: string | Uint8Array, context: Context): number {
    this.contexts.set(root, context);
    this.buffer = typeof configuration === "string" ? Buffer.from(configuration) : configuration;
    return this.as(root, () => {
      this.exports.proxy_on_vm_start(root, 0);
      return this.exports.proxy_on_configure(root, this.buffer.length);
    });
  }

  /** One stream or connection, from its log to its end. */
  log(context: number, what: Context): void {
    this.contexts.set(context, what);
    this.as(context, () => this.exports.proxy_on_log(context));
    this.as(context, () => this.exports.proxy_on_done(context));
    this.contexts.delete(context);
  }

  /** One stream as an access logger sees it: under the id of a root context, with no context of its own. */
  logUnder(root: number, what: Context): void {
    const own = this.contexts.get(root);
    this.contexts.set(root, what);
    this.as(root, () => this.exports.proxy_on_log(root));
    if (own) this.contexts.set(root, own);
  }

  /** A connection of the network filter; it ends with `log`. */
  connect(context: number, what: Context): void {
    this.contexts.set(context, what);
    this.as(context, () => this.exports.proxy_on_new_connection(context));
  }

  tick(root: number): void {
    this.as(root, () => this.exports.proxy_on_tick(root));
  }

  /** Tells a root context to go; true when it may at once. */
  finish(root: number): boolean {
    return this.as(root, () => this.exports.proxy_on_done(root)) !== 0;
  }

  /** Deletes a root context: its streams end with it, and nobody is told. */
  remove(root: number): void {
    this.contexts.delete(root);
    for (const stream of this.streams) if (stream.root === root) stream.isOpen = false;
  }

  /** A message from control. */
  receive(stream: HostStream, message: Uint8Array): void {
    this.buffer = message;
    this.as(stream.root, () => this.exports.proxy_on_grpc_receive(stream.root, stream.token, message.length));
  }

  /** Control, or the network, ends a stream. */
  end(stream: HostStream, status = 14): void {
    this.as(stream.root, () => this.exports.proxy_on_grpc_close(stream.root, stream.token, status));
  }

  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  private as<T>(context: number, enter: () => T): T {
    this.current = context;
    return enter();
  }

  private read(at: number, size: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, at, size).slice();
  }

  private word(at: number, value: number): void {
    new DataView(this.exports.memory.buffer).setUint32(at, value, true);
  }

  /** Hands bytes over as Envoy does: room from malloc, then address and size to where the module wants them. */
  private give(bytes: Uint8Array | undefined, at: number, sizeAt: number): number {
    if (bytes === undefined) return Status.notFound;
    const room = bytes.length ? this.exports.malloc(bytes.length) : 0;
    if (bytes.length && !room) return Status.invalidMemory;
    new Uint8Array(this.exports.memory.buffer).set(bytes, room);
    this.word(at, room);
    this.word(sizeAt, bytes.length);
    return Status.ok;
  }

  /** Wraps a host function that answers with a value, so that a test can sabotage it. */
  private valued<A extends number[]>(call: string, answer: (...args: A) => Uint8Array | undefined) {
    return (...args: [...A, number, number]): number => {
      this.count(call);
      const [at = 0, sizeAt = 0] = args.slice(-2);
      const forged = this.sabotage?.(call);
      if (typeof forged === "number") return forged;
      if (forged === undefined) return this.give(answer(...(args.slice(0, -2) as A)), at, sizeAt);
      const status = this.give(forged.bytes, at, sizeAt);
      if (forged.at !== undefined) this.word(at, forged.at);
      if (forged.size !== undefined) this.word(sizeAt, forged.size);
      return status;
    };
  }

  /** Wraps a host function that answers with a status alone, or with a number as well: `out` says where, and its size. */
  private plain<A extends readonly unknown[]>(
    call: string,
    act: (...args: A) => number,
    out?: (...args: A) => readonly [at: number, size: number],
  ) {
    return (...args: A): number => {
      this.count(call);
      const forged = this.sabotage?.(call);
      if (typeof forged === "number") return forged;
      if (forged === undefined || !out) return act(...args);
      const [at, size] = out(...args);
      new Uint8Array(this.exports.memory.buffer).set(forged.bytes.subarray(0, size), at);
      return Status.ok;
    };
  }

  private count(call: string): void {
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
  }

  private text(at: number, size: number): string {
    return Buffer.from(this.read(at, size)).toString("latin1");
  }

  private imports(): WebAssembly.Imports {
    const context = () => this.contexts.get(this.current);
    const env = {
      proxy_log: this.plain("log", (_level: number, at: number, size: number) => {
        this.logs.push(this.text(at, size));
        return Status.ok;
      }),
      proxy_get_property: this.valued("get_property", (at: number, size: number) =>
        context()?.attributes.get(this.text(at, size).replaceAll("\0", ".")),
      ),
      proxy_get_buffer_bytes: this.valued("get_buffer_bytes", (_type: number, start: number, size: number) =>
        this.buffer.slice(start, start + size),
      ),
      proxy_get_header_map_pairs: this.valued("get_header_map_pairs", () => {
        const headers = context()?.headers;
        return headers && encodePairs(headers);
      }),
      proxy_get_header_map_value: this.valued("get_header_map_value", (_map: number, at: number, size: number) =>
        context()?.headers?.get(this.text(at, size)),
      ),
      proxy_get_current_time_nanoseconds: this.plain(
        "get_current_time_nanoseconds",
        (at: number) => {
          new DataView(this.exports.memory.buffer).setBigUint64(at, BigInt(this.nowMs) * 1_000_000n, true);
          return Status.ok;
        },
        (at) => [at, 8],
      ),
      proxy_set_tick_period_milliseconds: this.plain("set_tick_period_milliseconds", (millis: number) => {
        this.tickPeriods.set(this.current, millis);
        return Status.ok;
      }),
      proxy_set_effective_context: this.plain("set_effective_context", (id: number) => {
        if (!this.contexts.has(id)) return Status.badArgument;
        this.current = id;
        return Status.ok;
      }),
      proxy_done: this.plain("done", () => {
        this.done.push(this.current);
        return Status.ok;
      }),
      ...this.sharedImports(),
      ...this.metricImports(),
      ...this.grpcImports(),
    };
    const random_get = this.plain(
      "random_get",
      (at: number, size: number) => {
        crypto.getRandomValues(new Uint8Array(this.exports.memory.buffer, at, size));
        return Status.ok;
      },
      (at, size) => [at, size],
    );
    return { env, wasi_snapshot_preview1: { random_get } };
  }

  private sharedImports() {
    const get = this.valued(
      "get_shared_data",
      (at: number, size: number) => this.shared.get(this.text(at, size))?.value,
    );
    return {
      proxy_get_shared_data: (...args: number[]) => {
        const [at = 0, size = 0, valueAt = 0, sizeAt = 0, versionAt = 0] = args;
        const status = get(at, size, valueAt, sizeAt);
        this.word(versionAt, this.shared.get(this.text(at, size))?.version ?? 0);
        return status;
      },
      proxy_set_shared_data: this.plain("set_shared_data", (...args: number[]) => {
        const [at = 0, size = 0, valueAt = 0, valueSize = 0, version = 0] = args;
        const key = this.text(at, size);
        const known = this.shared.get(key);
        if (known && version !== 0 && version !== known.version) return Status.casMismatch;
        this.shared.set(key, { value: this.read(valueAt, valueSize), version: nextVersion++ });
        return Status.ok;
      }),
    };
  }

  private metricImports() {
    return {
      proxy_define_metric: this.plain(
        "define_metric",
        (_type: number, at: number, size: number, id: number) => {
          this.word(id, this.metricNames.push(this.text(at, size)) - 1);
          return Status.ok;
        },
        (_type, _at, _size, id) => [id, 4],
      ),
      proxy_increment_metric: this.plain("increment_metric", (metric: number, by: bigint) => {
        const name = this.metricNames[metric];
        if (name === undefined) return Status.badArgument;
        this.metrics.set(name, (this.metrics.get(name) ?? 0n) + by);
        return Status.ok;
      }),
    };
  }

  private grpcImports() {
    const open = (token: number) =>
      this.streams.find((stream) => stream.isOpen && stream.token === token && stream.root === this.current);
    return {
      proxy_grpc_stream: this.plain(
        "grpc_stream",
        (...args: number[]) => {
          if (!this.isControlUp) return Status.internalFailure;
          const [target = 0, targetSize = 0, service = 0, serviceSize = 0, method = 0, methodSize = 0] = args;
          this.streams.push({
            token: this.nextToken,
            root: this.current,
            target: this.read(target, targetSize),
            path: `/${this.text(service, serviceSize)}/${this.text(method, methodSize)}`,
            sent: [],
            isOpen: true,
          });
          this.word(args[8] ?? 0, this.nextToken);
          this.nextToken += 2;
          return Status.ok;
        },
        (...args) => [args[8] ?? 0, 4],
      ),
      proxy_grpc_send: this.plain("grpc_send", (token: number, at: number, size: number) => {
        const stream = open(token);
        if (!stream) return Status.notFound;
        stream.sent.push(this.read(at, size));
        return Status.ok;
      }),
      proxy_grpc_close: this.plain("grpc_close", (token: number) => {
        const stream = open(token);
        if (!stream) return Status.notFound;
        stream.isOpen = false;
        return Status.ok;
      }),
    };
  }
}
