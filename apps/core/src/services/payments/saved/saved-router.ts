import { idSchema } from "@stoa/kernel";
import { z } from "zod";
import { transact } from "../../../platform/db/index.ts";
import { customerProcedure, router } from "../../../platform/rpc/index.ts";
import type { PaymentsDeps } from "../attempt.ts";
import { listSavedMethods, removeSavedMethod } from "./saved-methods.ts";

/** For customers: the cards they have asked us to keep. */
export function createSavedMethodsRouter({ db, clock }: Pick<PaymentsDeps, "db" | "clock">) {
  return router({
    savedMethods: customerProcedure.query(async ({ ctx: { actor } }) => ({
      items: await listSavedMethods(db, actor.customerId),
    })),
    removeSavedMethod: customerProcedure
      .input(z.strictObject({ id: idSchema("spm") }))
      .mutation(({ ctx: { actor }, input: { id } }) =>
        transact(db, (tx) => removeSavedMethod({ tx, now: clock.now() }, { customerId: actor.customerId, id })),
      ),
  });
}
