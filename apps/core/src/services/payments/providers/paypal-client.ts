import { ApiError, Client, Environment } from "@paypal/paypal-server-sdk";
import { z } from "zod";
import { CALL_TIMEOUT_MS, type CallFailure, retryAfterOf } from "./gate.ts";
import { PaypalHttpError } from "./paypal-rest.ts";

export interface PaypalCredentials {
  /** The API's origin: PayPal's own or a stand-in's. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

type RequestBuilderFactory = ReturnType<Client["getRequestBuilderFactory"]>;

/**
 * The SDK knows two hosts only, so every request is sent on to `apiUrl` by a public seam of it.
 * A request for any other host fails: an SDK that builds its addresses in another way must not reach PayPal by accident.
 */
class RoutedClient extends Client {
  readonly #origin: string;

  constructor({ apiUrl, clientId, clientSecret }: PaypalCredentials, onTokenRefused: () => void) {
    super({
      clientCredentialsAuthCredentials: {
        oAuthClientId: clientId,
        oAuthClientSecret: clientSecret,
        oAuthTokenProvider: async (token, manager) => {
          try {
            return await manager.updateToken(token);
          } catch (error) {
            onTokenRefused();
            throw error;
          }
        },
      },
      environment: Environment.Sandbox,
      timeout: CALL_TIMEOUT_MS,
      // By the same way out as every other call of ours, which keeps its connections.
      unstable_httpClientOptions: { adapter: "fetch", env: { fetch: fetchNow } },
    });
    this.#origin = new URL(apiUrl).origin;
  }

  override getRequestBuilderFactory(): RequestBuilderFactory {
    const create = super.getRequestBuilderFactory();
    return (...target) => {
      const builder = create(...target);
      // The parent's constructor asks for a builder before the origin is set, so it is read when a request is made.
      builder.interceptRequest((request) => ({ ...request, url: reroute(request.url, this.#origin) }));
      return builder;
    };
  }
}

const fetchNow = (...request: Parameters<typeof fetch>) => fetch(...request);

const SDK_ORIGIN = "https://api-m.sandbox.paypal.com";

function reroute(address: string, origin: string): string {
  const url = new URL(address);
  if (url.origin !== SDK_ORIGIN) throw new Error(`the PayPal SDK wanted to call ${url.origin}`);
  return origin + url.pathname + url.search;
}

/**
 * The SDK's client. It keeps what became of its last request for a token, a failure too, and then fails without asking again:
 * whoever is told that no token was had makes a new client.
 */
export function createPaypalClient(credentials: PaypalCredentials, onTokenRefused = () => {}): Client {
  return new RoutedClient(credentials, onTokenRefused);
}

const errorBodySchema = z.object({
  name: z.string().optional(),
  details: z.array(z.object({ issue: z.string() })).optional(),
});

/** Issues by which PayPal says no to the shopper's means. */
const declines: ReadonlySet<string> = new Set([
  "INSTRUMENT_DECLINED",
  "TRANSACTION_REFUSED",
  "PAYER_CANNOT_PAY",
  "PAYEE_BLOCKED_TRANSACTION",
  "PAYER_ACCOUNT_RESTRICTED",
  "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
  "CARD_EXPIRED",
  "TOKEN_ID_NOT_FOUND",
  "TOKEN_EXPIRED",
  "AGREEMENT_ALREADY_CANCELLED",
  "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
]);

/** Issues after which the same request may yet have an effect, or may have had one. */
const undecided: ReadonlySet<string> = new Set(["PREVIOUS_REQUEST_IN_PROGRESS", "DUPLICATE_REQUEST_ID"]);

/** What an error of PayPal's SDK says about the call. A rejected token is undecided: the next call brings a fresh one. */
export function classifyPaypalError(error: unknown): CallFailure {
  if (!isAnswer(error)) return { outcome: "unknown", status: null, code: null };
  const status = error.statusCode;
  const code = issueOf(error.body);
  const isUndecided = status >= 500 || [401, 408, 409, 429].includes(status) || (code !== null && undecided.has(code));
  if (isUndecided) return { outcome: "unknown", status, code, retryAfterMs: retryAfterOf(error.headers) };
  return { outcome: code !== null && declines.has(code) ? "declined" : "rejected", status, code };
}

/** Whether PayPal has answered at all, with whatever. */
export function isAnswer(error: unknown): error is ApiError | PaypalHttpError {
  return error instanceof ApiError || error instanceof PaypalHttpError;
}

function issueOf(body: unknown): string | null {
  try {
    const parsed = errorBodySchema.parse(JSON.parse(String(body)));
    return parsed.details?.[0]?.issue ?? parsed.name ?? null;
  } catch {
    return null;
  }
}
