/** The world as it is now: the last snapshot, indexed, and the state of the connection that it came by. */
import { SnapshotSource, type Connection } from "../data/snapshot-source.ts";
import { indexSnapshot, type World } from "../model/world.ts";

export class Live {
  /** Undefined until the first snapshot. Raw: a snapshot is replaced as a whole, never changed. */
  world = $state.raw<World>();
  connection = $state.raw<Connection>({ state: "connecting" });
  /** Holds the picture while the reader looks at it; what comes meanwhile is kept and shown on going on. */
  paused = $state(false);
  /** The reader's clock, a tick a second, for "4 s ago" and the like. */
  nowMs = $state(Date.now());

  #held: World | undefined;
  #source = new SnapshotSource({
    onSnapshot: (snapshot) => {
      const world = indexSnapshot(snapshot);
      if (this.paused) this.#held = world;
      else this.world = world;
    },
    onConnection: (connection) => {
      const same =
        connection.state === "live" && this.connection.state === "live" && connection.by === this.connection.by;
      if (!same) this.connection = connection;
    },
  });

  /** Starts listening; the returned function ends it. */
  start(): () => void {
    this.#source.start();
    const tick = setInterval(() => (this.nowMs = Date.now()), 1000);
    return () => {
      clearInterval(tick);
      this.#source.stop();
    };
  }

  retry(): void {
    this.#source.retry();
  }

  togglePause(): void {
    this.paused = !this.paused;
    if (!this.paused && this.#held) this.world = this.#held;
    this.#held = undefined;
  }
}
