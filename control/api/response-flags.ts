/**
 * Envoy's short names of its response flags, by bit: the order of CoreResponseFlag (envoy/stream_info/stream_info.h), the
 * names of ResponseFlagUtils (source/common/stream_info/utility.h). Access logs write the same.
 */
const NAMES = [
  ...["LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "NR", "DI", "FI", "RL", "UAEX", "RLSE", "DC"],
  ...["URX", "SI", "IH", "DPE", "UMSDR", "RFCF", "NFCF", "DT", "UPE", "NC", "OM", "DF", "DO", "DR", "UDO"],
] as const;

/** The flags that are set, by name; a bit that has none yet is "bit30". Takes more than 32 bits. */
export function flagNames(flags: number): string[] {
  const names: string[] = [];
  for (let bit = 0, rest = flags; rest >= 1; bit += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) names.push(NAMES[bit] ?? `bit${bit}`);
  }
  return names;
}
