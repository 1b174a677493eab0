import { idSchema, pageQuerySchema, problem } from "@stoa/kernel";
import { z } from "zod";
import { router, staffProcedure } from "../platform/rpc/index.ts";
import { settingRouter } from "../platform/settings/index.ts";
import type { GatherDeps } from "./gather.ts";
import { isOrderMail, mailStates, orderMailKinds } from "./kinds.ts";
import { previewMail } from "./preview-mail.ts";
import { findMail, listMails } from "./queries.ts";
import { type ResendDeps, resendMail } from "./resend-mail.ts";
import { mailSetting } from "./settings.ts";

export type NotificationsRouterDeps = ResendDeps & GatherDeps;

const one = z.strictObject({ id: idSchema("eml") });

/** For the dashboard: what was sent, sending it again, and how mails are written. */
export function createNotificationsRouter(deps: NotificationsRouterDeps) {
  const { db } = deps;
  return router({
    mails: staffProcedure("orders:read")
      .input(
        z.strictObject({
          ...pageQuerySchema.shape,
          orderId: idSchema("ord").optional(),
          customerId: idSchema("cus").optional(),
          states: z.array(z.enum(mailStates)).max(mailStates.length).optional(),
        }),
      )
      .query(({ input }) => listMails(db, input)),
    resend: staffProcedure("orders:write")
      .input(one)
      .mutation(({ ctx: { actor, requestId, idempotencyKey }, input }) =>
        resendMail(deps, { emailId: input.id, actor, requestId, idempotencyKey }),
      ),
    /** A mail that was sent, or one of a kind that an order might cause, as it would be written now. */
    preview: staffProcedure("orders:read")
      .input(
        z.union([
          one,
          z.strictObject({ orderId: idSchema("ord"), kind: z.enum(orderMailKinds).exclude(["return_changed"]) }),
        ]),
      )
      .query(async ({ input }) => {
        if ("orderId" in input) return previewMail(deps, { ...input, data: {} });
        const { kind, orderId, data } = await findMail(db, input.id);
        if (!isOrderMail(kind) || orderId === null) throw problem("not_found");
        return previewMail(deps, { kind, orderId, data });
      }),
    settings: settingRouter(db, mailSetting),
  });
}
