import { z } from "zod";

/** What edge needs to know of an API key. Of the key itself only its hash is kept. */
export const ringKeySchema = z.object({
  /** SHA-256 (hex) of the whole key. */
  hash: z.string(),
  id: z.string(),
  kind: z.enum(["publishable", "secret"]),
  /** `resource:action`; none for a publishable key. */
  scopes: z.array(z.string()),
  /** Of the storefront's pages; none for a secret key. */
  origins: z.array(z.string()),
  ratePerMinute: z.int(),
  /** The sales channel whose storefront it names; absent for the default one, and for a secret key. */
  channel: z.string().optional(),
  /** Milliseconds since the epoch; null for one that does not end by itself. */
  expiresAt: z.number().nullable(),
});
export type RingKey = z.infer<typeof ringKeySchema>;

/** Every API key that has not been revoked: few enough for each edge to hold them all, so that a strange key costs no look-up. */
export const keyRingSchema = z.object({ keys: z.array(ringKeySchema) });
export type KeyRingView = z.infer<typeof keyRingSchema>;
