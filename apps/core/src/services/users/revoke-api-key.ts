import type { ApiKeyId } from "@stoa/kernel";
import { problem } from "@stoa/kernel";
import { and, eq, isNull } from "drizzle-orm";
import { enqueue } from "../../platform/outbox/index.ts";
import { type ApiKeysContext, lockKeys, nextRevision } from "./create-api-key.ts";
import { apiKeysChanged } from "./messages.ts";
import { apiKey } from "./tables.ts";

/** Ends a key for good; every edge hears of it within seconds. @throws problem `not_found` for none, or one that is revoked already. */
export async function revokeApiKey({ tx, now }: ApiKeysContext, id: ApiKeyId): Promise<{ readonly name: string }> {
  await lockKeys(tx);
  const [row] = await tx
    .update(apiKey)
    .set({ revokedAt: now, revision: nextRevision })
    .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAt)))
    .returning({ name: apiKey.name });
  if (!row) throw problem("not_found");
  await enqueue(tx, now, [apiKeysChanged.of(id, {})]);
  return row;
}
