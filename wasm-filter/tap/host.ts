/** What the module asks of its host. */

/** Takes a batch of `size` bytes, which are good until the call returns. */
export declare function deliver(at: usize, size: u32): void;
