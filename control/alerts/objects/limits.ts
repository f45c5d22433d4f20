/** Every limit of objects. */

/** Bytes of one file, and of one document in it. YAML takes about a second a MiB, in which nothing else is done. */
export const MAX_FILE_BYTES = 4 << 20;
export const MAX_DOCUMENT_BYTES = 64 << 10;
/** Objects in all, whatever they are. */
export const MAX_OBJECTS = 20_000;
/** Problems that are told of one text; further ones are counted. */
export const MAX_PROBLEMS = 100;
/** How often an anchor may be used, over all anchors of a document: a few lines of aliases of aliases stand for gigabytes. */
export const MAX_ALIASES = 100;
/** Characters of a name: that of a Kubernetes object fits into a file's. */
export const MAX_NAME_LENGTH = 100;
/** Characters of a description or reason. */
export const MAX_TEXT_LENGTH = 4_096;
export const MAX_LABELS = 64;
export const MAX_GROUPINGS = 4;
export const MAX_MATCHERS = 16;
/** Characters of a line that are shown of a place in a file. */
export const MAX_FRAME_WIDTH = 100;
/** Files of a folder. */
export const MAX_FILES = 1_000;
/** Problems of one file that are logged; all are told by the API. */
export const MAX_LOGGED = 5;
