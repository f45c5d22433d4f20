/**
 * A bounded set of 64-bit keys, numbered 0, 1, 2 ... in the order of their coming: open addressing with linear probing
 * over an index that is at most half full. What belongs to a key lies in arrays of the owner, under the key's number.
 *
 *     keys   u64 x capacity          key of each number
 *     index  u16 x 2 * capacity      number + 1, 0 = free
 */
@unmanaged
export class KeyTable {
  size: u32 = 0;

  /**
   * @param memory Zeroed memory of `12 * capacity` bytes, aligned to 8.
   * @param capacity A power of two, at most 32768.
   */
  constructor(
    private keys: usize,
    private capacity: u32,
  ) {}

  /** The key with this number. */
  keyAt(number: u32): u64 {
    return load<u64>(this.keys + ((<usize>number) << 3));
  }

  /** The number of a key, or -1. */
  find(key: u64): i32 {
    const slot = this.probe(key);
    return <i32>load<u16>(slot) - 1;
  }

  /** Adds a key that is not in the table. The caller has seen that `size` is below its limit. */
  add(key: u64): u32 {
    const number = this.size++;
    store<u64>(this.keys + ((<usize>number) << 3), key);
    store<u16>(this.probe(key), <u16>(number + 1));
    return number;
  }

  /**
   * Empties the table. The old keys stay where they were, in the order of their numbers, until others are added: so a
   * table can be compacted in place, reading ahead of what is written.
   *
   * @returns the address of the old keys
   */
  clear(): usize {
    this.size = 0;
    memory.fill(this.index(), 0, (<usize>this.capacity) << 2);
    return this.keys;
  }

  private index(): usize {
    return this.keys + ((<usize>this.capacity) << 3);
  }

  /** Where in the index the key stands, or the free place where it would. */
  private probe(key: u64): usize {
    const mask = (this.capacity << 1) - 1;
    const index = this.index();
    let place = (<u32>((key * 0x9e3779b97f4a7c15) >> 32)) & mask;
    while (true) {
      const slot = index + ((<usize>place) << 1);
      const number = load<u16>(slot);
      if (!number || this.keyAt(number - 1) == key) return slot;
      place = (place + 1) & mask;
    }
  }
}
