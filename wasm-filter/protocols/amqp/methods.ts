import { Side } from "../../packet/flow";
import { bytesOf, text } from "../../core/text";

/** Classes of methods (AMQP 0-9-1, 1.1, and RabbitMQ's own confirm). */
export namespace Class {
  export const CONNECTION: u32 = 10;
  export const CHANNEL: u32 = 20;
  export const EXCHANGE: u32 = 40;
  export const QUEUE: u32 = 50;
  export const BASIC: u32 = 60;
  export const CONFIRM: u32 = 85;
  export const TX: u32 = 90;
  /** No class, and of `senderOf`: either side. */
  export const NONE: u32 = 255;
  export const EITHER: u32 = 254;
}

export namespace Basic {
  export const PUBLISH: u32 = 40;
  export const RETURN: u32 = 50;
  export const DELIVER: u32 = 60;
  export const ACK: u32 = 80;
  export const NACK: u32 = 120;
}

export namespace Connection {
  export const CLOSE: u32 = 50;
}

export namespace Channel {
  /** close-ok follows it. */
  export const CLOSE: u32 = 40;
}

const EXCHANGE_UNBIND: u32 = 40;
const EXCHANGE_UNBIND_OK: u32 = 51;
const LAST_METHOD: u32 = 120;

/** Who sends a method: a Side, EITHER, or NONE where there is no such method. */
export function senderOf(group: u32, method: u32): u32 {
  if (!method || method > LAST_METHOD || method % 10 > 2) return Class.NONE;
  const isAnswer = method % 10 != 0;
  switch (group) {
    case Class.CONNECTION:
      if (method >= 50) return Class.EITHER;
      // A server begins: up to the opening it asks and the client answers.
      return isAnswer != method >= 40 ? Side.CLIENT : Side.SERVER;
    case Class.CHANNEL:
      return method > 11 ? Class.EITHER : isAnswer ? Side.SERVER : Side.CLIENT;
    case Class.BASIC:
      if (method == Basic.ACK || method == Basic.NACK) return Class.EITHER;
      return isAnswer || method == Basic.RETURN || method == Basic.DELIVER ? Side.SERVER : Side.CLIENT;
    case Class.EXCHANGE:
    case Class.QUEUE:
    case Class.CONFIRM:
    case Class.TX:
      return isAnswer ? Side.SERVER : Side.CLIENT;
    default:
      return Class.NONE;
  }
}

/** The method that one of a server answers. */
export function askedBy(group: u32, method: u32): u32 {
  if (group == Class.EXCHANGE && method == EXCHANGE_UNBIND_OK) return EXCHANGE_UNBIND;
  return method - (method % 10);
}

/**
 * What is read of a method that a client asks with.
 *
 *     names     short strings in front of its bits, behind two bytes that mean nothing; the first is what it is about
 *     noWait    the bit that says that no answer is wanted, 0 = there is none
 */
@unmanaged
export class Form {
  group: u8;
  method: u8;
  names: u8;
  noWait: u8;
}
const FORM_BYTES: usize = 4;
const forms = memory.data<u8>([
  40, 10, 2, 16, 40, 20, 1, 2, 40, 30, 3, 1, 40, 40, 3, 1, 50, 10, 1, 16, 50, 20, 3, 1, 50, 30, 1, 1, 50, 40, 1, 4, 50,
  50, 3, 0, 60, 10, 0, 0, 60, 20, 2, 8, 60, 30, 0, 0, 60, 40, 2, 0, 60, 70, 1, 0, 60, 110, 0, 0, 85, 10, 0, 1, 90, 10,
  0, 0, 90, 20, 0, 0, 90, 30, 0, 0,
]);
const FORMS: u32 = 19;
/** Their names, in the same order. */
const NAMES = text(
  "exchange.declare exchange.delete exchange.bind exchange.unbind queue.declare queue.bind queue.purge queue.delete " +
    "queue.unbind qos consume cancel publish get recover confirm.select tx.select tx.commit tx.rollback ",
);

/** The form of a method, null where a client does not ask with it. */
export function formOf(group: u32, method: u32): Form | null {
  for (let i: u32 = 0; i < FORMS; i++) {
    const form = changetype<Form>(forms + <usize>i * FORM_BYTES);
    if (form.group == group && form.method == method) return form;
  }
  return null;
}

/** Where the name of a form begins; a space ends it. */
export function formName(form: Form): usize {
  let number = <u32>((changetype<usize>(form) - forms) / FORM_BYTES);
  let at = bytesOf(NAMES);
  for (; number; at++) if (load<u8>(at) == 32) number--;
  return at;
}
