/** Numbers in network order, at any address. */

export function u16be(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}

export function u24be(at: usize): u32 {
  return (u16be(at) << 8) | load<u8>(at, 2);
}

export function u32be(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

export function u64be(at: usize): u64 {
  return bswap<u64>(load<u64>(at));
}
