import { z } from "zod";
import { type Issue, issues, PaypalRefusal, unprocessable } from "./errors.ts";

const mockSchema = z.object({ mock_application_codes: z.union([z.string(), z.array(z.string()).min(1)]) });

/**
 * Refuses the call as the `PayPal-Mock-Response` header asks, e.g. `{"mock_application_codes":"INSTRUMENT_DECLINED"}`:
 * PayPal's own way to test refusals. Nothing happens to the order or payment.
 */
export function refuseAsMocked(header: string | null): void {
  if (header === null) return;
  const parsed = mockSchema.safeParse(parseJson(header));
  if (!parsed.success) return;
  const codes = parsed.data.mock_application_codes;
  const code = (Array.isArray(codes) ? codes[0] : codes) ?? "";
  if (code === "INTERNAL_SERVER_ERROR") throw new PaypalRefusal(500, code);
  if (isIssue(code)) throw unprocessable(code);
  throw new PaypalRefusal(422, "UNPROCESSABLE_ENTITY", [{ issue: code, description: code }]);
}

function isIssue(code: string): code is Issue {
  return Object.hasOwn(issues, code);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
