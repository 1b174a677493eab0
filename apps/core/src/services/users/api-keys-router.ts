import { type Clock, idSchema } from "@stoa/kernel";
import { z } from "zod";
import { auditing } from "../../platform/audit/index.ts";
import type { Database } from "../../platform/db/index.ts";
import { router, staffProcedure } from "../../platform/rpc/index.ts";
import { keyScopes, newApiKeySchema } from "./api-key.ts";
import { listApiKeys } from "./api-keys.ts";
import { createApiKey } from "./create-api-key.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

export interface ApiKeysDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const entity = "api_key";

/** For the dashboard: keys of storefronts and of machines. */
export function createApiKeysRouter(deps: ApiKeysDeps) {
  const audited = auditing(deps);
  const write = staffProcedure("settings:write");
  return router({
    list: staffProcedure("settings:read").query(async () => ({ items: await listApiKeys(deps.db), scopes: keyScopes })),
    create: write.input(newApiKeySchema).mutation(({ ctx, input }) =>
      audited(ctx, async (context) => {
        const answer = await createApiKey(context, ctx.actor, input);
        const after = { ...input, prefix: answer.prefix };
        return { entity, action: "api_key.created", entityId: answer.id, after, answer };
      }),
    ),
    revoke: write.input(z.strictObject({ id: idSchema("api") })).mutation(({ ctx, input: { id } }) =>
      audited(ctx, async (context) => {
        const before = await revokeApiKey(context, id);
        return { entity, action: "api_key.revoked", entityId: id, before, answer: undefined };
      }),
    ),
  });
}
