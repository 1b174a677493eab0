import { z } from "zod";

/** The sales channel that every shop has: whoever names no other is in it. */
export const DEFAULT_CHANNEL = "default";

/** A channel's name in keys, in the search index and in what comes from outside. It never changes. */
export const channelCodeSchema = z
  .string()
  .max(20)
  .regex(/^[a-z][a-z0-9]*$/, { message: "must be lower-case letters and digits, a letter first" });
