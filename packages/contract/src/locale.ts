import { z } from "zod";

export const localeQuery = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/)
  .optional()
  .meta({ description: "Language of texts, ahead of Accept-Language; the nearest that the shop has is answered" });
