import { z } from "zod";
import { defineMessage } from "../../platform/outbox/index.ts";

/** An API key was made or revoked: the key ring at edge is outdated. */
export const apiKeysChanged = defineMessage("projection", "api-keys.changed", z.object({}));

/** An owner, or the operator, has taken somebody's second factors away: they are written to. */
export const secondFactorReset = defineMessage(
  "queue",
  "staff.second_factor_reset",
  z.object({ userId: z.string().min(1) }),
);
