import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint, sessionMiddleware } from "better-auth/api";
import { symmetricDecrypt } from "better-auth/crypto";
import { z } from "zod";

const storedSchema = z.object({ backupCodes: z.string() });
const codesSchema = z.array(z.string());

/**
 * `GET /two-factor/backup-codes` answers how many back-up codes whoever is signed in has left, at either door; better-auth does not tell,
 * so who has used their last one would learn it with a lost phone. The codes themselves are shown once, when they are made.
 */
export function backupCodesLeft(): BetterAuthPlugin {
  return {
    id: "backup-codes-left",
    endpoints: {
      backupCodesLeft: createAuthEndpoint(
        "/two-factor/backup-codes",
        { method: "GET", use: [sessionMiddleware] },
        async (ctx) => {
          const { user } = ctx.context.session;
          const where = [{ field: "userId", value: user.id }];
          const found = await ctx.context.adapter.findOne({ model: "twoFactor", where });
          const isOn = "twoFactorEnabled" in user && user.twoFactorEnabled === true;
          if (!isOn || found === null) return ctx.json({ left: 0 });
          const data = storedSchema.parse(found).backupCodes;
          const codes = await symmetricDecrypt({ key: ctx.context.secretConfig, data });
          return ctx.json({ left: codesSchema.parse(JSON.parse(codes)).length });
        },
      ),
    },
  };
}
