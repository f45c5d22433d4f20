/**
 * A bounded set of keys (K is u32 or u64), numbered 0, 1, 2 ... in the order of their coming: open addressing with
 * linear probing over an index that is at most half full. What belongs to a key lies in arrays of the owner, under the
 * key's number.
 *
 *     keys   K x capacity            key of each number
 *     index  u16 x 2 * capacity      number + 1, 0 = free
 */
@unmanaged
export class KeyTable<K> {
  size: u32 = 0;

  /**
   * @param memory Zeroed memory of `(sizeof<K>() + 4) * capacity` bytes, aligned to K.
   * @param capacity A power of two, at most 32768.
   */
  constructor(
    private keys: usize,
    private capacity: u32,
  ) {}

  /** The key with this number. */
  keyAt(number: u32): K {
    return load<K>(this.keys + ((<usize>number) << alignof<K>()));
  }

  /** The number of a key, or -1. */
  find(key: K): i32 {
    const slot = this.probe(key);
    return <i32>load<u16>(slot) - 1;
  }

  /** Adds a key that is not in the table. The caller has seen that `size` is below its limit. */
  add(key: K): u32 {
    const number = this.size++;
    store<K>(this.keys + ((<usize>number) << alignof<K>()), key);
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
    return this.keys + ((<usize>this.capacity) << alignof<K>());
  }

  /** Where in the index the key stands, or the free place where it would. */
  private probe(key: K): usize {
    const mask = (this.capacity << 1) - 1;
    const index = this.index();
    let place = (<u32>((<u64>key * 0x9e3779b97f4a7c15) >> 32)) & mask;
    while (true) {
      const slot = index + ((<usize>place) << 1);
      const number = load<u16>(slot);
      if (!number || this.keyAt(number - 1) == key) return slot;
      place = (place + 1) & mask;
    }
  }
}
