/** Largest single argument, in bytes. */
export const BULK_BYTES_MAX = 64 * 1024 * 1024;
/** Largest command, all its arguments together, in bytes; also what a client may have waiting unread. */
export const INPUT_BYTES_MAX = 128 * 1024 * 1024;
export const ARGUMENTS_MAX = 1_048_576;
/** Longest command typed without RESP framing, in bytes. */
export const INLINE_BYTES_MAX = 64 * 1024;
/** What a client that does not read may have waiting; beyond it the connection is cut. */
export const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
export const CONNECTIONS_MAX = 10_000;
export const DATABASES = 16;
export const KEYS_PER_DATABASE_MAX = 2_000_000;
export const TRANSACTION_COMMANDS_MAX = 100_000;
export const SCRIPTS_MAX = 10_000;
/** About two seconds of work; a script that needs more is taken for a runaway one. */
export const SCRIPT_INSTRUCTIONS_MAX = 20_000_000;
export const SNAPSHOT_INTERVAL_MS = 60_000;
export const EXPIRY_SWEEP_INTERVAL_MS = 250;
/** Keys with a time to live looked at in one sweep. */
export const EXPIRY_SWEEP_KEYS = 5_000;
