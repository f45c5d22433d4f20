/**
 * Resolves to an exit code when this process is told to stop: by Ctrl-C, a signal, the terminal going away, or the
 * end of the process that started it (provision/bootstrap.mjs keeps a channel open). A second Ctrl-C does not wait.
 */
export function interruption(): Promise<number> {
  return new Promise((done) => {
    let asked = false;
    const ask = (code: number) => () => {
      // What is still running is killed on the way out.
      if (asked) process.exit(code);
      asked = true;
      done(code);
    };
    process.on("SIGINT", ask(130));
    process.on("SIGTERM", ask(143));
    process.once("SIGHUP", ask(129));
    process.once("disconnect", ask(143));
    process.channel?.unref();
  });
}
