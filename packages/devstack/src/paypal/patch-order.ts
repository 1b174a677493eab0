import { z } from "zod";
import { invalidRequest, unprocessable } from "./errors.ts";
import type { PurchaseUnit } from "./objects.ts";
import { amountSchema, checkAmount, findOrder } from "./orders.ts";
import { type Turn, timestamp } from "./turn.ts";

export const patchSchema = z
  .array(
    z.object({
      op: z.enum(["add", "replace", "remove"]),
      path: z.string().max(500),
      value: z.unknown().optional(),
    }),
  )
  .min(1)
  .max(20);

type Patch = z.infer<typeof patchSchema>[number];

const unitPath = /^\/purchase_units\/@reference_id=='([^']{1,256})'\/(amount|custom_id|description|invoice_id)$/;

/** Changes intent, amount, custom id, description or invoice id before the order is completed; nothing else is patchable. */
export function patchOrder(turn: Turn, id: string, patches: readonly Patch[]): void {
  const order = findOrder(turn, id);
  const { view } = order;
  if (view.status === "COMPLETED") throw unprocessable("ORDER_ALREADY_COMPLETED");
  for (const [index, patch] of patches.entries()) {
    if (patch.path === "/intent") view.intent = parseValue(z.enum(["AUTHORIZE", "CAPTURE"]), patch, index);
    else patchUnit(view.purchase_units, patch, index);
  }
  view.update_time = timestamp(turn.nowMs);
  turn.orders.save(order);
}

function patchUnit(units: readonly PurchaseUnit[], patch: Patch, index: number): void {
  const match = unitPath.exec(patch.path);
  if (match === null) throw unprocessable("NOT_PATCHABLE", `/${index}/path`);
  const unit = units.find((candidate) => candidate.reference_id === match[1]);
  if (unit === undefined) throw unprocessable("REFERENCE_ID_NOT_FOUND", `/${index}/path`);
  switch (match[2]) {
    case "amount": {
      const amount = parseValue(amountSchema, patch, index);
      checkAmount(amount, `/${index}/value`);
      unit.amount = amount;
      return;
    }
    case "custom_id":
      unit.custom_id = parseText(patch, index, 255);
      return;
    case "invoice_id":
      unit.invoice_id = parseText(patch, index, 127);
      return;
    default:
      unit.description = parseText(patch, index, 3_000);
  }
}

function parseText(patch: Patch, index: number, longest: number): string | undefined {
  return patch.op === "remove" ? undefined : parseValue(z.string().max(longest), patch, index);
}

function parseValue<Schema extends z.ZodType>(schema: Schema, patch: Patch, index: number): z.infer<Schema> {
  const parsed = schema.safeParse(patch.value);
  if (patch.op !== "remove" && parsed.success) return parsed.data;
  throw invalidRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", `/${index}/value`);
}
