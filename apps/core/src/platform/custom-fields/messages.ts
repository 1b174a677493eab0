import { z } from "zod";
import { defineMessage } from "../outbox/index.ts";
import { fieldEntities } from "./custom-field.ts";

/** Fields of this kind of thing have changed: what shows them is outdated. */
export const fieldsChanged = defineMessage(
  "projection",
  "custom-fields.changed",
  z.object({ entity: z.enum(fieldEntities) }),
);
