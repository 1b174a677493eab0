import { isStorable } from "@stoa/kernel";
import { APIError } from "better-auth/api";
import { z } from "zod";
import type { HookContext } from "./auth-hooks.ts";

const NAME_LENGTH_MAX = 100;
const CONTROL = /\p{Cc}/u;

/** better-auth takes a name and an address of any length, and any text for a picture: they go into every session, mail and profile. */
const name = z
  .string()
  .max(NAME_LENGTH_MAX, `must have at most ${NAME_LENGTH_MAX} characters`)
  .refine((text) => isStorable(text) && !CONTROL.test(text), "must not hold control characters");
const named = name.refine((text) => text.trim() !== "", "must not be empty");
const registrationSchema = z.object({
  email: z.string().max(254, "must have at most 254 characters"),
  name,
  image: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .max(2_000)
    .nullish(),
});

/** Keeps out of an account what a profile would not take. Asked before anything tells whether there is one. */
export async function judgeRegistration({ path, body }: Pick<HookContext, "path" | "body">): Promise<void> {
  if (path !== "/sign-up/email" && path !== "/update-user") return;
  // A profile is called something; who registers may leave it open.
  const schema = path === "/update-user" ? registrationSchema.extend({ name: named }) : registrationSchema;
  const given = z.looseObject({}).safeParse(body).data ?? {};
  const issue = schema
    .safeParse(given)
    .error?.issues.find(({ path: [member] }) => member !== undefined && given[String(member)] !== undefined);
  // What is missing, better-auth says itself.
  if (issue) {
    throw new APIError("BAD_REQUEST", {
      code: "VALIDATION_ERROR",
      message: `${issue.path.join(".")} ${issue.message}`,
    });
  }
}

/** What a sign-in provider says somebody is called and looks like, as far as a profile takes it. */
export function withinProfile(person: { readonly name: string; readonly image?: string | null | undefined }) {
  const name = person.name
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, " ")
    .trim();
  const image = registrationSchema.shape.image.safeParse(person.image).data ?? null;
  return { name: name.slice(0, NAME_LENGTH_MAX).toWellFormed(), image };
}
