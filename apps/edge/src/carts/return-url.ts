import { problem } from "@stoa/kernel";
import type { EdgeSettings } from "../deps.ts";

/** A wallet may send the shopper back to the shop's own pages alone. @throws problem `validation_failed`. */
export function assertReturnUrl(settings: EdgeSettings, returnUrl: string | undefined): void {
  if (returnUrl === undefined) return;
  const { origin } = new URL(returnUrl);
  if (origin === new URL(settings.publicUrl).origin || settings.storefrontOrigins.includes(origin)) return;
  const message = "must be on an origin of the shop";
  throw problem("validation_failed", { errors: [{ path: "payment.returnUrl", message }] });
}
