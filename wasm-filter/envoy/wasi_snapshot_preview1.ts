/** What the filter imports of WASI; the file's name is the import's module. */

export declare function random_get(buffer: usize, size: u32): u32;
