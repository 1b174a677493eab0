import type { MailFacts } from "../facts.ts";
import type { AccountMailKind } from "../kinds.ts";
import type { MailTexts } from "../texts/index.ts";
import type { MailContent } from "./blocks.ts";

interface WriteAccountMail {
  readonly kind: AccountMailKind;
  readonly facts: Extract<MailFacts, { about: "account" }>;
  readonly texts: MailTexts;
  readonly shopName: string;
}

/** A mail with a link that proves an address. */
export function writeAccountMail(input: WriteAccountMail): Omit<MailContent, "footer" | "language"> {
  const { kind, facts, texts, shopName } = input;
  const { subject, heading, intro, button, ignore } = kind === "verify_email" ? texts.verifyEmail : texts.resetPassword;
  return {
    subject: subject(shopName),
    preview: intro,
    heading,
    blocks: [
      { kind: "text", text: texts.greeting(facts.name) },
      { kind: "text", text: intro },
      { kind: "button", label: button, url: facts.url },
      { kind: "lines", label: texts.labels.linkInstead, lines: [facts.url] },
      { kind: "text", text: ignore },
    ],
  };
}
