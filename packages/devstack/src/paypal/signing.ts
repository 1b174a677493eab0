import type { Database } from "bun:sqlite";
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomUUID,
} from "node:crypto";
import { z } from "zod";
import { rawMember } from "./raw-member.ts";
import { timestamp } from "./turn.ts";

export const CERTIFICATE_PATH = "/v1/notifications/certs/CERT-stand-in";
const ALGORITHM = "SHA256withRSA";

/** Signs webhooks and checks signatures, with one key pair for the life of the data folder. */
export interface Signer {
  /** The public key in PEM, which PayPal would wrap in a certificate. */
  readonly publicKey: string;
  /** The headers of one attempt to deliver exactly this body. */
  headersFor(body: string, certificateUrl: string): Readonly<Record<string, string>>;
  /** Whether the signature in this request holds for its `webhook_event` as it was sent. */
  verifies(request: VerifyRequest, requestText: string, certificateUrl: string): boolean;
}

export const verifySchema = z.looseObject({
  auth_algo: z.string(),
  cert_url: z.string(),
  transmission_id: z.string(),
  transmission_sig: z.string(),
  transmission_time: z.string(),
  webhook_id: z.string(),
  webhook_event: z.looseObject({}),
});
export type VerifyRequest = z.infer<typeof verifySchema>;

export function openSigner(database: Database, webhookId: string): Signer {
  const privateKey = createPrivateKey(storedKey(database));
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  return {
    publicKey,
    headersFor: (body, certificateUrl) => {
      const id = randomUUID();
      // The real time, because receivers refuse transmissions that are too old.
      const time = timestamp(Date.now());
      const signature = createSign("RSA-SHA256")
        .update(signedText(id, time, webhookId, body))
        .sign(privateKey, "base64");
      return {
        "content-type": "application/json",
        "paypal-auth-algo": ALGORITHM,
        "paypal-cert-url": certificateUrl,
        "paypal-transmission-id": id,
        "paypal-transmission-sig": signature,
        "paypal-transmission-time": time,
        "user-agent": "PayPal/AUHR-214.0-stand-in",
      };
    },
    verifies: (request, requestText, certificateUrl) => {
      const event = rawMember(requestText, "webhook_event");
      if (event === null || request.auth_algo !== ALGORITHM || request.cert_url !== certificateUrl) return false;
      if (request.webhook_id !== webhookId) return false;
      const text = signedText(request.transmission_id, request.transmission_time, webhookId, event);
      return createVerify("RSA-SHA256").update(text).verify(publicKey, request.transmission_sig, "base64");
    },
  };
}

function signedText(transmissionId: string, time: string, webhookId: string, body: string): string {
  return `${transmissionId}|${time}|${webhookId}|${Bun.hash.crc32(body)}`;
}

function storedKey(database: Database): string {
  database.run("CREATE TABLE IF NOT EXISTS signing_key (pem TEXT NOT NULL)");
  const stored = database.query<{ pem: string }, []>("SELECT pem FROM signing_key").get();
  if (stored !== null) return stored.pem;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  database.run("INSERT INTO signing_key (pem) VALUES (?)", [pem]);
  return pem;
}
