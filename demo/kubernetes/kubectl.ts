/** kubectl on one context: the one that was current when the demo began, whatever becomes current meanwhile. */
import { findProgram } from "../../provision/find-program.ts";
import { run } from "../../provision/run.ts";
import { UserError } from "../commands.ts";
import type { KubernetesObject } from "./objects.ts";

export interface KubectlOptions {
  readonly input?: string;
  /** Ends the command; that of the whole demo if not given. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** What `kubectl get -o json` answers of several objects. */
export interface Listed<T> {
  readonly items: readonly T[];
}

export class Kubectl {
  readonly path: string;
  readonly context: string;
  readonly #signal: AbortSignal | undefined;

  private constructor(path: string, context: string, signal: AbortSignal | undefined) {
    this.path = path;
    this.context = context;
    this.#signal = signal;
  }

  /** @param signal ends what is under way. @throws UserError where there is no kubectl, or no context */
  static async find(signal?: AbortSignal): Promise<Kubectl> {
    const path = findProgram("kubectl");
    if (!path) throw new UserError("There is no kubectl on PATH: https://kubernetes.io/docs/tasks/tools/");
    const context = await run(path, ["config", "current-context"]).catch((cause: unknown) => {
      throw new UserError(
        "kubectl has no current context: set KUBECONFIG, or choose one with `kubectl config use-context`",
        { cause },
      );
    });
    return new Kubectl(path, context.trim(), signal);
  }

  /** The same, and it goes on when the demo is told to end. */
  get lasting(): Kubectl {
    return new Kubectl(this.path, this.context, undefined);
  }

  /** Options first, so that commands which take a command of their own may follow. */
  words(args: readonly string[]): string[] {
    return ["--context", this.context, ...args];
  }

  /** @throws Error with the end of what kubectl said */
  async run(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { signal = this.#signal, ...more } = options;
    return await run(this.path, this.words(args), { ...more, ...(signal && { signal }) });
  }

  async json<T>(args: readonly string[], options: KubectlOptions = {}): Promise<T> {
    return JSON.parse(await this.run([...args, "-o", "json"], options)) as T;
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    await this.run(["apply", "--validate=strict", "-f", "-"], { input: JSON.stringify(list) });
  }

  /** Whether this user may. */
  async may(verb: string, resource: string): Promise<boolean> {
    // `kubectl auth can-i` ends with 1 for a no.
    const answer = await this.run(["auth", "can-i", verb, resource, "--all-namespaces"]).catch(() => "no");
    return answer.trim() === "yes";
  }
}
