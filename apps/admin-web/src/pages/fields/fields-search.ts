import { z } from "zod";
import type { FieldEntity } from "../../fields/field.ts";

const entities = [
  ...(["product", "variant", "category", "customer"] as const),
  ...(["order", "order_line", "return", "location"] as const),
] as const satisfies readonly FieldEntity[];

/** Whose fields are shown. */
export const fieldsSearchSchema = z.object({ of: z.enum(entities).optional().catch(undefined) });
