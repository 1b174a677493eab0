import {
  ApiError,
  type CheckoutPaymentIntent,
  Client,
  Environment,
  type Order,
  type OrderRequest,
  OrdersController,
  PaymentsController,
  TransactionSearchController,
  VaultController,
} from "@paypal/paypal-server-sdk";
import { receiveWebhooks } from "../stand-in/testing.ts";
import { type PaypalOptions, type PaypalStandIn, startPaypal } from "./index.ts";

export const CLIENT_ID = "stoa";
export const CLIENT_SECRET = "stoa-secret";
export const WEBHOOK_ID = "WH-STOA";
const HOSTED = /^https:\/\/api-m(\.sandbox)?\.paypal\.com/;

/** The official client with its requests sent elsewhere; it has no option for that. */
class RoutedClient extends Client {
  #base: string;

  constructor(base: string) {
    super({
      clientCredentialsAuthCredentials: { oAuthClientId: CLIENT_ID, oAuthClientSecret: CLIENT_SECRET },
      environment: Environment.Sandbox,
      timeout: 5_000,
    });
    this.#base = base;
  }

  override getRequestBuilderFactory(): ReturnType<Client["getRequestBuilderFactory"]> {
    const create = super.getRequestBuilderFactory();
    return (method, path) => {
      const builder = create(method, path);
      // The base is read for each request, because the parent's constructor asks for the factory before it is set.
      builder.interceptRequest((request) => ({ ...request, url: request.url.replace(HOSTED, this.#base) }));
      return builder;
    };
  }
}

export interface TestShop {
  readonly orders: OrdersController;
  readonly payments: PaymentsController;
  readonly vault: VaultController;
  readonly search: TransactionSearchController;
}

export function clientOf(server: { readonly url: string }): TestShop {
  const client = new RoutedClient(server.url);
  return {
    orders: new OrdersController(client),
    payments: new PaymentsController(client),
    vault: new VaultController(client),
    search: new TransactionSearchController(client),
  };
}

/** A stand-in with an account of its own, faults on, everything in memory unless the test says otherwise. */
export function startTestPaypal(options: Partial<PaypalOptions> = {}): Promise<PaypalStandIn> {
  return startPaypal({
    port: 0,
    dataDir: null,
    faults: { seed: 1 },
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    webhookId: WEBHOOK_ID,
    webhookUrl: null,
    ...options,
  });
}

export const RETURN_URL = "https://shop.example/back?lang=en";
export const CANCEL_URL = "https://shop.example/cart";

export function orderRequest(intent: CheckoutPaymentIntent, value = "59.90", invoiceId?: string): OrderRequest {
  return {
    intent,
    purchaseUnits: [
      {
        customId: "order-7",
        ...(invoiceId === undefined ? {} : { invoiceId }),
        amount: {
          currencyCode: "EUR",
          value,
          breakdown: { itemTotal: { currencyCode: "EUR", value } },
        },
      },
    ],
    paymentSource: { paypal: { experienceContext: { returnUrl: RETURN_URL, cancelUrl: CANCEL_URL } } },
  };
}

/** An order as created, in full. */
export async function createOrder(shop: TestShop, body: OrderRequest): Promise<Order> {
  return (await shop.orders.createOrder({ body, prefer: "return=representation" })).result;
}

export function approvalUrl(order: Order): string {
  const link = order.links?.find(({ rel }) => rel === "payer-action" || rel === "approve");
  return String(link?.href);
}

export function decide(url: string, decision: "pay" | "decline" | "cancel" | "nonsense"): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams({ decision }), redirect: "manual" });
}

/** The id of a fresh order that its payer has approved. */
export async function approvedOrder(shop: TestShop, body: OrderRequest): Promise<string> {
  const order = await createOrder(shop, body);
  await decide(approvalUrl(order), "pay");
  return String(order.id);
}

/** The id of a fresh authorisation over the whole order. */
export async function authorizedOrder(shop: TestShop, body: OrderRequest): Promise<string> {
  const { result } = await shop.orders.authorizeOrder({ id: await approvedOrder(shop, body) });
  return String(result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id);
}

export interface Refusal {
  readonly status: number;
  readonly name: string;
  readonly issue: string;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}

/** What PayPal refuses this call with. Fails when it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const body = JSON.parse(String(error.body));
    return { status: error.statusCode, name: body.name, issue: body.details?.[0]?.issue, links: body.links ?? [] };
  }
  throw new Error("The call was not refused");
}

export interface Hook {
  readonly headers: Headers;
  readonly body: string;
  readonly type: string;
}

/** Where the stand-in's events are delivered. */
export function startReceiver() {
  return receiveWebhooks("/webhooks/paypal", (headers, body): Hook => {
    return { headers, body, type: JSON.parse(body).event_type };
  });
}

/** What a shop gets for its credentials. */
export async function tokenOf(server: { readonly url: string }): Promise<string> {
  const grant = await fetch(`${server.url}/v1/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
    body: "grant_type=client_credentials",
  });
  return JSON.parse(await grant.text()).access_token;
}

/** Moves the stand-in's clock forward. */
export async function advance(server: { readonly url: string }, seconds: number): Promise<void> {
  const answer = await fetch(`${server.url}/_stoa/clock`, { method: "POST", body: JSON.stringify({ seconds }) });
  if (!answer.ok) throw new Error(await answer.text());
}

export { eventually } from "../stand-in/testing.ts";
