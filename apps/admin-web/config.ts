import { z } from "zod";

const schema = z.object({
  HOST: z.string().default("127.0.0.1"),
  ADMIN_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  CORE_URL: z.url().default("http://127.0.0.1:4000"),
  /** Edge's origin, which has the product images. */
  PUBLIC_URL: z.url().optional(),
  /** Shared with core: proves that a client's address comes from here. */
  INTERNAL_TOKEN_SECRET: z.string().min(32).optional(),
});

export type AdminConfig = z.output<typeof schema>;

/** The only reader of the environment. @throws ZodError that names what is wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): AdminConfig {
  return schema.parse(env);
}
