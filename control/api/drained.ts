import type { ServerWritableStream } from "@grpc/grpc-js";

/** Resolves once a call takes messages again, or is gone. */
export function drained(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off("drain", done);
      call.off("cancelled", done);
      resolve();
    };
    call.once("drain", done);
    call.once("cancelled", done);
  });
}

/** Resolves once the socket has taken a message, or the caller is gone: so that none waits in a queue. */
export function taken<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  response: Response,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off("cancelled", done);
      resolve();
    };
    call.once("cancelled", done);
    call.write(response, done);
  });
}
