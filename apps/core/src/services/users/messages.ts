import { z } from "zod";
import { defineMessage } from "../../platform/outbox/index.ts";

/** An API key was made or revoked: the key ring at edge is outdated. */
export const apiKeysChanged = defineMessage("projection", "api-keys.changed", z.object({}));
