import type { Client, OAuthToken } from "@paypal/paypal-server-sdk";
import { CALL_TIMEOUT_MS, type GateCall, type ProviderGate } from "./gate.ts";

/** An answer of PayPal's that is not 2xx, to a call which its SDK has no method for. */
export class PaypalHttpError extends Error {
  override readonly name = "PaypalHttpError";

  constructor(
    readonly statusCode: number,
    readonly body: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super(`PayPal answered ${statusCode}`);
  }
}

export interface PaypalRestDeps {
  readonly apiUrl: string;
  /** Asked for every call: after a rejected token it is another one. */
  readonly client: () => Client;
  readonly gate: ProviderGate;
}

export interface PaypalRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** JSON as text, or a form. */
  readonly body?: string | FormData;
}

/** Sends a request with the SDK's own token and answers the text. @throws PaypalHttpError */
export type PaypalRest = (call: GateCall, request: PaypalRequest) => Promise<string>;

/** For the endpoints that PayPal's SDK has no controller for: disputes, and the check of a webhook's origin. */
export function createPaypalRest({ apiUrl, client, gate }: PaypalRestDeps): PaypalRest {
  const origin = new URL(apiUrl).origin;
  let known: { readonly client: Client; readonly token: OAuthToken } | null = null;
  const freshToken = async (): Promise<string> => {
    const asked = client();
    const token = await asked.clientCredentialsAuthManager.updateToken(
      known?.client === asked ? known.token : undefined,
    );
    known = { client: asked, token };
    return token.accessToken;
  };
  return (call, { method, path, body }) =>
    gate.run(call, async () => {
      const authorization = `Bearer ${await freshToken()}`;
      const response = await fetch(origin + path, {
        method,
        headers: { authorization, ...(typeof body === "string" && { "content-type": "application/json" }) },
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      if (response.status === 401) known = null;
      if (!response.ok) throw new PaypalHttpError(response.status, text, Object.fromEntries(response.headers));
      return text;
    });
}
