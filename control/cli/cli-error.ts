/** What the exit status of `sidelight` means; docs/cli.md repeats it. */
export const exitCodes = {
  /** Control answered that it cannot do what was asked. */
  refused: 1,
  /** The command line does not say what to do. */
  usage: 2,
  /** Control could not be reached, or gave no answer in time. */
  unreachable: 3,
} as const;

/** Ends the command with a message for people; an empty one has been written already. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(reason: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCodes[reason];
  }
}
