import { z } from "zod";
import { classifyPaypalError } from "./paypal-client.ts";
import type { PaypalRest } from "./paypal-rest.ts";

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

/** Asks PayPal whether an event is its own. @throws when PayPal cannot be asked. */
export function createPaypalVerifier(apiUrl: string, rest: PaypalRest) {
  const { origin } = new URL(apiUrl);
  return async (transmission: PaypalTransmission): Promise<boolean> => {
    if (!isTrustedCert(transmission.certUrl, origin) || !isJson(transmission.rawBody)) return false;
    const call = { operation: "verify_event", paymentId: null, key: null, safe: true };
    try {
      const answer = await rest(call, { method: "POST", path: VERIFY_PATH, body: requestBody(transmission) });
      return verdictSchema.parse(JSON.parse(answer)).verification_status === "SUCCESS";
    } catch (error) {
      // What is no answer about the event has to be asked again; a request that PayPal cannot read is none of its own.
      if (classifyPaypalError(error).outcome === "unknown") throw error;
      return false;
    }
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
