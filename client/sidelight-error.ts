import { status } from "@grpc/grpc-js";

export interface SidelightErrorOptions extends ErrorOptions {
  readonly code: status;
  /** Which service was asked: "Stats"; empty where none was yet. */
  readonly service: string;
  /** What was asked: "ListWorkloads"; empty where nothing was yet. */
  readonly method: string;
  /** Whom: "host:port". */
  readonly address: string;
  /** Why, in the words of control or of the network. */
  readonly details: string;
  readonly field?: string | undefined;
  readonly isCut?: boolean;
}

/** Every failure of the client. `message` is for people; the getters say what a program may do about it. */
export class SidelightError extends Error {
  /** The status code of gRPC. */
  readonly code: status;
  /** "Stats" or "Alerts"; empty where none was asked yet. */
  readonly service: string;
  readonly method: string;
  readonly address: string;
  readonly details: string;
  /** The path of the field at fault in the question ("filters[1].value"), where control names one. */
  readonly field: string | undefined;
  /** Whether answers had come before it broke off: what is lost was there. */
  readonly isCut: boolean;

  constructor({ code, service, method, address, details, field, isCut = false, ...options }: SidelightErrorOptions) {
    super(`${method === "" ? "Sidelight" : `${service}.${method}`} at ${address}: ${details}`, options);
    this.name = "SidelightError";
    this.code = code;
    this.service = service;
    this.method = method;
    this.address = address;
    this.details = details;
    this.field = field;
    this.isCut = isCut;
  }

  /** Nobody is there, control stops, or it has no time now. */
  get isUnavailable(): boolean {
    return this.code === status.UNAVAILABLE;
  }

  /** The answer took too long. */
  get isTimeout(): boolean {
    return this.code === status.DEADLINE_EXCEEDED;
  }

  /** Whether the same question may well be answered a moment later. */
  get isRetryable(): boolean {
    return this.isUnavailable || this.isTimeout;
  }

  /** The caller's own signal was aborted. */
  get isCancelled(): boolean {
    return this.code === status.CANCELLED;
  }

  /** The question is wrong; `field` says where. It will be refused again. */
  get isBadQuestion(): boolean {
    return this.code === status.INVALID_ARGUMENT;
  }

  /** What the question names is not known. */
  get isNotFound(): boolean {
    return this.code === status.NOT_FOUND;
  }

  /** The answer would be too large, or all places are taken; `details` says what to do. */
  get isTooMuch(): boolean {
    return this.code === status.RESOURCE_EXHAUSTED;
  }

  /** This control is too old for the question, or none at all. */
  get isUnsupported(): boolean {
    return this.code === status.UNIMPLEMENTED;
  }
}
