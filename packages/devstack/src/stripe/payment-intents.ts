import { z } from "zod";
import { assertUsable, confirmationFields, confirmIntent } from "./confirm.ts";
import { checkCustomer } from "./customers.ts";
import { invalidParameter, noSuch, unexpectedState } from "./errors.ts";
import { announce } from "./events.ts";
import { listPage } from "./lists.ts";
import type { ApiList, IntentStatus, PaymentIntent } from "./objects.ts";
import {
  anything,
  applyMetadata,
  checkLastDigit,
  currency,
  expand,
  flag,
  integer,
  listParameters,
  metadata,
  text,
} from "./parameters.ts";
import { resolveMethod } from "./payment-methods.ts";
import { newId, type StoredIntent, seconds, type Turn } from "./turn.ts";

/** Stripe takes at most eight digits. */
const AMOUNT_MAX = 99_999_999;
/** Least charge by currency in minor units; source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const leastAmounts: Readonly<Record<string, number>> = {
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  jpy: 50,
  mxn: 1000,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};

const descriptiveFields = {
  customer: text.optional(),
  description: z.string().max(1_000).optional(),
  metadata,
  receipt_email: z.string().max(512).optional(),
  setup_future_usage: z.enum(["off_session", "on_session"]).optional(),
  shipping: anything.optional(),
  statement_descriptor: z.string().max(22).optional(),
  statement_descriptor_suffix: z.string().max(22).optional(),
  transfer_group: text.optional(),
};

export const createIntentSchema = z.strictObject({
  ...descriptiveFields,
  ...confirmationFields,
  amount: integer,
  currency,
  allowed_payment_method_types: z
    .array(z.enum(["card"]))
    .min(1)
    .optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: flag, allow_redirects: z.enum(["always", "never"]).optional() })
    .optional(),
  capture_method: z.enum(["automatic", "automatic_async", "manual"]).optional(),
  confirm: flag.optional(),
  confirmation_method: z.enum(["automatic"]).optional(),
});

export const updateIntentSchema = z.strictObject({
  ...descriptiveFields,
  amount: integer.optional(),
  currency: currency.optional(),
  payment_method: text.optional(),
  expand,
});

export const intentListSchema = z.strictObject({ ...listParameters, customer: text.optional() });

const changeable: readonly IntentStatus[] = ["requires_payment_method", "requires_confirmation", "requires_action"];

export function createIntent(turn: Turn, params: z.infer<typeof createIntentSchema>): PaymentIntent {
  checkAmount(params.amount, params.currency);
  checkCustomer(turn, params.customer);
  const intent: StoredIntent = {
    view: newIntent(turn, params),
    hidden: { returnUrl: params.return_url ?? null, authenticated: false },
  };
  if (params.payment_method !== undefined) useMethod(turn, intent, params.payment_method);
  turn.intents.insert(intent);
  announce(turn, "payment_intent.created", intent.view);
  if (params.confirm === true) confirmIntent(turn, intent, params);
  return intent.view;
}

export function retrieveIntent(turn: Turn, id: string): PaymentIntent {
  return findIntent(turn, id).view;
}

export function listIntents(turn: Turn, params: z.infer<typeof intentListSchema>): ApiList<PaymentIntent> {
  return listPage(turn.intents, params, {
    url: "/v1/payment_intents",
    keeps: (intent) => params.customer === undefined || intent.customer === params.customer,
  });
}

export function updateIntent(turn: Turn, id: string, params: z.infer<typeof updateIntentSchema>): PaymentIntent {
  const intent = findIntent(turn, id);
  const { view } = intent;
  const { amount = view.amount, currency: currencyCode = view.currency } = params;
  const movesMoney = amount !== view.amount || currencyCode !== view.currency || params.payment_method !== undefined;
  if (movesMoney && !changeable.includes(view.status)) {
    const what = amount === view.amount ? "payment_method" : "amount";
    throw unexpectedState(
      `This PaymentIntent's ${what} could not be updated because it has a status of ${view.status}. You may only update the ${what} of a PaymentIntent with one of the following statuses: ${changeable.join(", ")}.`,
      view,
    );
  }
  checkAmount(amount, currencyCode);
  checkCustomer(turn, params.customer);
  view.amount = amount;
  view.currency = currencyCode;
  Object.assign(view, descriptionOf(params, view));
  if (params.payment_method !== undefined) useMethod(turn, intent, params.payment_method);
  turn.intents.save(intent);
  return view;
}

/** @throws 404, or 400 when a parameter named the intent. */
export function findIntent(turn: Turn, id: string, param = "id"): StoredIntent {
  const intent = turn.intents.find(id);
  if (intent === null) throw noSuch("payment_intent", id, param);
  return intent;
}

/** Puts a payment method on the intent, which then has to be confirmed, and authenticated, anew. */
function useMethod(turn: Turn, intent: StoredIntent, id: string): void {
  const { view: method } = resolveMethod(turn, id);
  assertUsable(intent.view, method);
  intent.view.payment_method = method.id;
  intent.view.status = "requires_confirmation";
  intent.view.next_action = null;
  intent.hidden.authenticated = false;
}

type CreateParameters = z.infer<typeof createIntentSchema>;

function newIntent(turn: Turn, params: CreateParameters): PaymentIntent {
  const id = newId("pi");
  return {
    id,
    object: "payment_intent",
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount: params.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: automaticMethods(params),
    canceled_at: null,
    cancellation_reason: null,
    capture_method: params.capture_method ?? "automatic_async",
    client_secret: newId(`${id}_secret`),
    confirmation_method: "automatic",
    created: seconds(turn),
    currency: params.currency,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_options: params.payment_method_options ?? {},
    payment_method_types: ["card"],
    processing: null,
    review: null,
    source: null,
    status: "requires_payment_method",
    transfer_data: null,
    ...descriptionOf(params, null),
  };
}

/** Since 2023-08-16 the Dashboard's methods are on unless the request turns them off; cards alone never redirect. */
function automaticMethods(params: CreateParameters): PaymentIntent["automatic_payment_methods"] {
  const { automatic_payment_methods: automatic, allowed_payment_method_types: allowed } = params;
  if (automatic?.enabled === false) return null;
  return { enabled: true, allow_redirects: automatic?.allow_redirects ?? (allowed === undefined ? "always" : "never") };
}

type Description = Pick<PaymentIntent, keyof typeof descriptiveFields>;

function descriptionOf(
  params: z.infer<z.ZodObject<typeof descriptiveFields>>,
  current: PaymentIntent | null,
): Description {
  return {
    customer: params.customer ?? current?.customer ?? null,
    description: params.description ?? current?.description ?? null,
    metadata: applyMetadata(current?.metadata ?? {}, params.metadata),
    receipt_email: params.receipt_email ?? current?.receipt_email ?? null,
    setup_future_usage: params.setup_future_usage ?? current?.setup_future_usage ?? null,
    shipping: params.shipping ?? current?.shipping ?? null,
    statement_descriptor: params.statement_descriptor ?? current?.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? current?.statement_descriptor_suffix ?? null,
    transfer_group: params.transfer_group ?? current?.transfer_group ?? null,
  };
}

function checkAmount(amount: number, currencyCode: string): void {
  const least = leastAmounts[currencyCode] ?? 1;
  if (amount < least) {
    throw invalidParameter(
      `The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set (${least} ${currencyCode}).`,
      "amount_too_small",
      "amount",
    );
  }
  if (amount > AMOUNT_MAX) {
    throw invalidParameter(`Amount must be no more than ${AMOUNT_MAX} ${currencyCode}`, "amount_too_large", "amount");
  }
  checkLastDigit(amount, currencyCode, "amount");
}
