/**
 * Whether what explains trouble stands first. Once a subject hurts it does, for as long as that subject is shown: a
 * panel that swaps its parts each time a limit is passed cannot be read.
 */
export class Lead {
  #since = $state("");
  #subject: () => string;

  /** Must be created while a component initialises. */
  constructor(subject: () => string, isHurt: () => boolean) {
    this.#subject = subject;
    $effect.pre(() => {
      if (isHurt()) this.#since = subject();
    });
  }

  get isFirst(): boolean {
    return this.#since === this.#subject();
  }
}
