import { type Clock, type Instant, type Money, money, type OrderId, type PaymentId, problem } from "@stoa/kernel";
import type { Database, Transaction } from "../../platform/db/index.ts";
import { readSetting } from "../../platform/settings/index.ts";
import type { EndedAct } from "./ended-acts.ts";
import type { FactType, PaymentFact, ProviderName } from "./payment.ts";
import type { PaymentMethodChoice, PaymentProvider, ProviderAttempt } from "./providers/provider.ts";
import type { PaymentRow } from "./record-news.ts";
import type { PaymentRequest } from "./request-payment.ts";
import { paymentsSetting } from "./settings.ts";

/** What the payment verbs work with. */
export interface PaymentsDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Those with credentials; `manual` is always among them. */
  readonly providers: ReadonlyMap<ProviderName, PaymentProvider>;
  /** Origins that a shopper may be sent back to, such as `https://shop.example`. */
  readonly returnOrigins: readonly string[];
  /**
   * Locks an order's row until the transaction ends. Whoever locks a payment has locked its order before: staff, whose acts begin with
   * the order, and news of a payment, which end with it, would else wait for each other in a circle. See "Who waits for whom" in
   * ARCHITECTURE.md.
   */
  readonly lockOrder: (tx: Transaction, orderId: OrderId) => Promise<void>;
  /** What is to be taken for an order in all, in minor units, once units may have been cancelled; null where nobody knows. Locks the order. */
  readonly dueOfOrder?: (tx: Transaction, orderId: OrderId) => Promise<number | null>;
}

export interface VerbContext {
  readonly tx: Transaction;
  readonly now: Instant;
}

/** What others do when something about a payment has changed without them: wake the order's saga, write its view again. */
export type OnPaymentEvent = (
  event: VerbContext & {
    readonly orderId: OrderId;
    readonly paymentId: PaymentId;
    /** What the provider has told just now. */
    readonly told: readonly FactType[];
    /** What somebody had begun by hand and has come to its end. */
    readonly ended: readonly EndedAct[];
  },
) => Promise<void>;

/** What others do when money that was asked for beside a checkout is held. A problem that they throw lets it go again. */
export type OnRequestPaid = (context: VerbContext, request: PaymentRequest) => Promise<void>;

/** For what happens outside a saga: webhooks, sweeps, staff. */
export interface PaymentEventDeps extends PaymentsDeps {
  readonly onPaymentEvent: OnPaymentEvent;
  readonly onRequestPaid: OnRequestPaid;
  readonly dueOfOrder: NonNullable<PaymentsDeps["dueOfOrder"]>;
}

export interface KeyedContext extends VerbContext {
  /** Deterministic: the same work always comes with the same key. */
  readonly key: string;
}

/** A verb that calls a provider between two transactions; see the saga's remote steps. */
export interface RemoteVerb<Context, Input, Prepared, Result, Outcome> {
  /** Commits what is needed to undo or to find the call again. */
  prepare(context: Context, input: Input): Promise<Prepared>;
  /** Outside any transaction; may be repeated after an unknown outcome. */
  call(prepared: Prepared): Promise<Result>;
  settle(context: VerbContext, prepared: Prepared, result: Result): Promise<Outcome>;
}

/** The provider behind a payment. What costs nothing is settled by ourselves. */
export function providerOf(deps: PaymentsDeps, payment: { readonly provider: ProviderName; readonly amount: number }) {
  const name = payment.amount === 0 ? "manual" : payment.provider;
  const provider = deps.providers.get(name);
  if (!provider) throw new Error(`payment provider ${name} has no credentials`);
  return provider;
}

/** What the provider of a payment is told, from its row as the running transaction left it. */
export function attemptOf(row: PaymentRow, facts: readonly PaymentFact[]): ProviderAttempt {
  return {
    paymentId: row.id,
    orderId: row.orderId,
    customerId: row.customerId,
    key: row.key,
    reference: row.providerReference,
    amount: money(row.amount, row.currency),
    paymentMethod: row.paymentMethod,
    returnUrl: row.returnUrl,
    customerReference: row.providerCustomer,
    savesMethod: row.savesMethod,
    tries: row.tries,
    hasOpenCall: row.hasOpenCall,
    createdAt: row.createdAt,
    facts,
  };
}

/**
 * Refuses a choice of payment before anything is written for it.
 * @throws problem `validation_failed`: a provider that is switched off, a missing token, an amount it cannot take,
 * or a return URL outside the shop's own origins.
 */
export async function checkPaymentChoice(
  deps: PaymentsDeps,
  db: Database | Transaction,
  choice: PaymentMethodChoice,
  amount: Money,
): Promise<void> {
  const { providers } = await readSetting(db, paymentsSetting);
  const isOffered = providers.includes(choice.provider) || choice.byStaff === true;
  const provider = isOffered ? deps.providers.get(choice.provider) : undefined;
  // What costs nothing is settled by ourselves, such as an exchange for an order that was paid in a way no longer offered.
  if (!provider && amount.amount > 0) refuse("payment.provider", "not offered by this shop");
  if (choice.returnUrl !== undefined && !isOwnUrl(choice.returnUrl, deps.returnOrigins)) {
    refuse("payment.returnUrl", "must lead back to this shop");
  }
  const refusal = amount.amount === 0 ? null : provider?.refuses(choice, amount);
  if (refusal) refuse(refusal.path, refusal.message);
}

function refuse(path: string, message: string): never {
  throw problem("validation_failed", { detail: message, errors: [{ path, message }] });
}

const RETURN_URL_LENGTH_MAX = 2_000;

/** Whether a URL is http(s), carries no credentials, and has one of the origins. */
export function isOwnUrl(text: string, origins: readonly string[]): boolean {
  if (text.length > RETURN_URL_LENGTH_MAX || !URL.canParse(text)) return false;
  const url = new URL(text);
  const isHttp = url.protocol === "https:" || url.protocol === "http:";
  return isHttp && url.username === "" && url.password === "" && origins.includes(url.origin);
}
