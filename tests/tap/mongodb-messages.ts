/** Builds messages of MongoDB in code. */
import { constants, deflateSync } from "node:zlib";

import { snappy } from "./snappy.ts";

type Value = number | string | boolean | bigint | readonly Value[] | Fields;
export interface Fields {
  readonly [name: string]: Value;
}

/** A document: numbers are 32 bits where they are whole, doubles elsewhere. */
export function bson(fields: Fields | readonly Value[]): Buffer {
  const elements = Object.entries(fields).map(([name, value]) => element(name, value));
  const body = Buffer.concat([...elements, Buffer.from([0])]);
  return Buffer.concat([int(body.length + 4), body]);
}

function element(name: string, value: Value): Buffer {
  const [type, bytes] = valueOf(value);
  return Buffer.concat([Buffer.from([type]), cstring(name), bytes]);
}

function valueOf(value: Value): [number, Buffer] {
  if (typeof value === "string") return [2, Buffer.concat([int(Buffer.byteLength(value) + 1), cstring(value)])];
  if (typeof value === "boolean") return [8, Buffer.from([Number(value)])];
  if (typeof value === "bigint") return [18, wide(value)];
  if (typeof value !== "number") return [Array.isArray(value) ? 4 : 3, bson(value)];
  return Number.isInteger(value) ? [16, int(value)] : [1, double(value)];
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function wide(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

export function int(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeInt32LE(value, i * 4));
  return bytes;
}

export const cstring = (text: string) => Buffer.from(`${text}\0`);

export interface Head {
  readonly id?: number;
  /** The request that it answers. */
  readonly to?: number;
}

export function message(opcode: number, body: readonly Buffer[], { id = 0, to = 0 }: Head): Buffer {
  const bytes = Buffer.concat(body);
  return Buffer.concat([int(bytes.length + 16, id, to, opcode), bytes]);
}

export const CHECKSUM = 1;
export const MORE_TO_COME = 2;

interface Sections extends Head {
  readonly flags?: number;
  /** A sequence of documents, which stands before the body. */
  readonly documents?: readonly Fields[];
}

/** OP_MSG. */
export function msg(body: Fields, { flags = 0, documents, ...head }: Sections): Buffer {
  const sequence = documents && Buffer.concat([cstring("documents"), ...documents.map(bson)]);
  const before = sequence ? [Buffer.from([1]), int(sequence.length + 4), sequence] : [];
  const after = flags & CHECKSUM ? [int(0x12345678)] : [];
  return message(2013, [int(flags), ...before, Buffer.from([0]), bson(body), ...after], head);
}

/** OP_QUERY, of a collection or of "$cmd". */
export function query(collection: string, body: Fields, head: Head): Buffer {
  return message(2004, [int(0), cstring(collection), int(0, -1), bson(body)], head);
}

/** OP_REPLY. */
export function reply(
  documents: readonly Fields[],
  { flags = 0, ...head }: Head & { readonly flags?: number },
): Buffer {
  return message(1, [int(flags, 0, 0, 0, documents.length), ...documents.map(bson)], head);
}

/** How OP_COMPRESSED packs, by its number; zlib in each way that it has of writing blocks. */
export const COMPRESSORS: Readonly<Record<string, readonly [number: number, pack: (bytes: Buffer) => Buffer]>> = {
  noop: [0, (bytes) => bytes],
  snappy: [1, snappy],
  zlib: [2, (bytes) => deflateSync(bytes)],
  "zlib, stored": [2, (bytes) => deflateSync(bytes, { level: 0 })],
  "zlib, quick": [2, (bytes) => deflateSync(bytes, { level: 1 })],
  "zlib, thorough": [2, (bytes) => deflateSync(bytes, { level: 9, memLevel: 1 })],
  "zlib, codes alone": [2, (bytes) => deflateSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY })],
  "zlib, fixed codes": [2, (bytes) => deflateSync(bytes, { strategy: constants.Z_FIXED })],
  zstd: [3, () => Buffer.from("28b52ffd0400", "hex")],
};

/** The same message as OP_COMPRESSED. */
export function compressed(plain: Buffer, compressor = "snappy"): Buffer {
  const [number, pack] = COMPRESSORS[compressor]!;
  const head = { id: plain.readInt32LE(4), to: plain.readInt32LE(8) };
  const body = plain.subarray(16);
  const inner = int(plain.readInt32LE(12), body.length);
  return message(2012, [inner, Buffer.from([number]), pack(body)], head);
}
