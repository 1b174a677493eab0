import type { z } from "zod";
import { z as schema } from "zod";
import { balanceTransactionListSchema, listMovements } from "./balance-transactions.ts";
import { cancelIntent, cancelIntentSchema, captureIntent, captureIntentSchema } from "./capture.ts";
import { chargeListSchema, listCharges, retrieveCharge } from "./charges.ts";
import { confirmIntent, confirmIntentSchema } from "./confirm.ts";
import {
  attachMethod,
  attachSchema,
  createCustomer,
  customerSchema,
  deleteCustomer,
  detachMethod,
  listMethods,
  methodListSchema,
  retrieveCustomer,
} from "./customers.ts";
import {
  closeDispute,
  disputeListSchema,
  listDisputes,
  retrieveDispute,
  updateDispute,
  updateDisputeSchema,
} from "./disputes.ts";
import { eventListSchema, listEvents, retrieveEvent } from "./events.ts";
import { expandPaths } from "./expand.ts";
import type { Form } from "./form.ts";
import { expand, parseParameters } from "./parameters.ts";
import {
  createIntent,
  createIntentSchema,
  findIntent,
  intentListSchema,
  listIntents,
  retrieveIntent,
  updateIntent,
  updateIntentSchema,
} from "./payment-intents.ts";
import { retrieveMethod } from "./payment-methods.ts";
import {
  createRefund,
  createRefundSchema,
  listRefunds,
  refundListSchema,
  retrieveRefund,
  updateRefund,
  updateRefundSchema,
} from "./refunds.ts";
import { searchIntents, searchSchema } from "./search.ts";
import type { Turn } from "./turn.ts";

const methods = ["GET", "POST", "DELETE"] as const;
type Method = (typeof methods)[number];

export interface Route {
  /** The name a fault rule gives it. */
  readonly operation: string;
  readonly method: Method;
  /** Path below /v1, with `:id` for the object. */
  readonly path: string;
  /** Parses the parameters, does the work, and expands what was asked for. */
  readonly run: (turn: Turn, id: string, form: Form) => unknown;
}

const only = schema.strictObject({ expand });
type Params<Schema extends z.ZodType> = z.infer<Schema>;

function route<Schema extends z.ZodType<{ expand?: string[] | undefined }>>(
  target: `${Method} ${string}`,
  operation: string,
  parameters: Schema,
  work: (turn: Turn, params: Params<Schema>, id: string) => unknown,
): Route {
  const [method = "", path = ""] = target.split(" ");
  const known = methods.find((one) => one === method) ?? "GET";
  return {
    operation,
    method: known,
    path,
    run: (turn, id, form) => {
      const params = parseParameters(parameters, form);
      return expandPaths(turn, work(turn, params, id), params.expand ?? []);
    },
  };
}

/** Every endpoint of the stand-in. The second column lists the operations that fault rules may name, beside `webhook`. */
export const routes: readonly Route[] = [
  route("POST payment_intents", "payment_intents.create", createIntentSchema, createIntent),
  route("GET payment_intents", "payment_intents.list", intentListSchema, listIntents),
  route("GET payment_intents/search", "payment_intents.search", searchSchema, searchIntents),
  route(
    "GET payment_intents/:id",
    "payment_intents.retrieve",
    only.extend({ client_secret: schema.string().optional() }),
    (turn, _params, id) => retrieveIntent(turn, id),
  ),
  route("POST payment_intents/:id", "payment_intents.update", updateIntentSchema, (turn, params, id) =>
    updateIntent(turn, id, params),
  ),
  route("POST payment_intents/:id/confirm", "payment_intents.confirm", confirmIntentSchema, (turn, params, id) => {
    const intent = findIntent(turn, id);
    confirmIntent(turn, intent, params);
    return intent.view;
  }),
  route("POST payment_intents/:id/capture", "payment_intents.capture", captureIntentSchema, (turn, params, id) =>
    captureIntent(turn, id, params),
  ),
  route("POST payment_intents/:id/cancel", "payment_intents.cancel", cancelIntentSchema, (turn, params, id) =>
    cancelIntent(turn, id, params),
  ),
  route("GET balance_transactions", "balance_transactions.list", balanceTransactionListSchema, listMovements),
  route("GET charges", "charges.list", chargeListSchema, listCharges),
  route("GET charges/:id", "charges.retrieve", only, (turn, _params, id) => retrieveCharge(turn, id)),
  route("POST refunds", "refunds.create", createRefundSchema, createRefund),
  route("GET refunds", "refunds.list", refundListSchema, listRefunds),
  route("GET refunds/:id", "refunds.retrieve", only, (turn, _params, id) => retrieveRefund(turn, id)),
  route("POST refunds/:id", "refunds.update", updateRefundSchema, (turn, params, id) => updateRefund(turn, id, params)),
  route("GET disputes", "disputes.list", disputeListSchema, listDisputes),
  route("GET disputes/:id", "disputes.retrieve", only, (turn, _params, id) => retrieveDispute(turn, id)),
  route("POST disputes/:id", "disputes.update", updateDisputeSchema, (turn, params, id) =>
    updateDispute(turn, id, params),
  ),
  route("POST disputes/:id/close", "disputes.close", only, (turn, _params, id) => closeDispute(turn, id)),
  route("GET events", "events.list", eventListSchema, listEvents),
  route("GET events/:id", "events.retrieve", only, (turn, _params, id) => retrieveEvent(turn, id)),
  route("POST customers", "customers.create", customerSchema, createCustomer),
  route("GET customers/:id", "customers.retrieve", only, (turn, _params, id) => retrieveCustomer(turn, id)),
  route("DELETE customers/:id", "customers.del", only, (turn, _params, id) => deleteCustomer(turn, id)),
  route("GET payment_methods", "payment_methods.list", methodListSchema, listMethods),
  route("GET payment_methods/:id", "payment_methods.retrieve", only, (turn, _params, id) => retrieveMethod(turn, id)),
  route("POST payment_methods/:id/attach", "payment_methods.attach", attachSchema, (turn, params, id) =>
    attachMethod(turn, id, params),
  ),
  route("POST payment_methods/:id/detach", "payment_methods.detach", only, (turn, _params, id) =>
    detachMethod(turn, id),
  ),
];
