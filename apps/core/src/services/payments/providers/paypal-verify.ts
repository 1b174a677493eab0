import type { Client, OAuthToken } from "@paypal/paypal-server-sdk";
import { z } from "zod";
import { CALL_TIMEOUT_MS, type ProviderGate } from "./gate.ts";

/** A webhook as PayPal sent it: its headers, and its body untouched. */
export interface PaypalTransmission {
  readonly id: string;
  readonly time: string;
  readonly signature: string;
  readonly certUrl: string;
  readonly algorithm: string;
  readonly rawBody: string;
  /** Which of our webhooks it claims to be for. */
  readonly webhookId: string;
}

/** Hosts from which PayPal's certificates come. */
const certHosts: ReadonlySet<string> = new Set([
  "api.paypal.com",
  "api-m.paypal.com",
  "api.sandbox.paypal.com",
  "api-m.sandbox.paypal.com",
]);

const VERIFY_PATH = "/v1/notifications/verify-webhook-signature";
const verdictSchema = z.object({ verification_status: z.string() });

/** An answer that says nothing about the event: PayPal has to be asked again. */
export class VerificationUnavailable extends Error {
  override readonly name = "VerificationUnavailable";

  constructor(readonly status: number) {
    super(`PayPal answered ${status} when asked about an event`);
  }
}

export interface VerifierDeps {
  readonly apiUrl: string;
  readonly client: () => Client;
  readonly gate: ProviderGate;
}

/** Asks PayPal whether an event is its own. @throws when PayPal cannot be asked. */
export function createPaypalVerifier({ apiUrl, client, gate }: VerifierDeps) {
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
  return async (transmission: PaypalTransmission): Promise<boolean> => {
    if (!isTrustedCert(transmission.certUrl, origin) || !isJson(transmission.rawBody)) return false;
    const call = { operation: "verify_event", paymentId: null, key: null, safe: true };
    return gate.run(call, async () => {
      const response = await fetch(origin + VERIFY_PATH, {
        method: "POST",
        headers: { authorization: `Bearer ${await freshToken()}`, "content-type": "application/json" },
        body: requestBody(transmission),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      });
      if (response.status === 401) known = null;
      if (response.status >= 500 || [401, 408, 429].includes(response.status)) {
        throw new VerificationUnavailable(response.status);
      }
      if (!response.ok) return false;
      return verdictSchema.parse(await response.json()).verification_status === "SUCCESS";
    });
  };
}

/** The event goes in as the very text that came: written anew, its checksum would be another. */
function requestBody({ id, time, signature, certUrl, algorithm, rawBody, webhookId }: PaypalTransmission): string {
  const members = JSON.stringify({
    auth_algo: algorithm,
    cert_url: certUrl,
    transmission_id: id,
    transmission_sig: signature,
    transmission_time: time,
    webhook_id: webhookId,
  });
  return `${members.slice(0, -1)},"webhook_event":${rawBody}}`;
}

/** PayPal's own hosts, or the stand-in that the API itself is. */
function isTrustedCert(certUrl: string, origin: string): boolean {
  if (!URL.canParse(certUrl)) return false;
  const url = new URL(certUrl);
  return url.origin === origin || (url.protocol === "https:" && url.port === "" && certHosts.has(url.hostname));
}

/** Text that is not one whole JSON value could close the request's own braces and add members to it. */
function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
