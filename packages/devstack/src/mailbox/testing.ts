import { createTransport } from "nodemailer";
import { z } from "zod";
import type { FaultRule } from "../faults.ts";
import { type MailboxOptions, startMailbox } from "./index.ts";
import type { MailSummary } from "./store.ts";

const summarySchema = z.object({
  id: z.string(),
  at: z.number(),
  sender: z.string(),
  recipients: z.array(z.string()),
  subject: z.string(),
  messageId: z.string(),
  attachments: z.number(),
  deliveries: z.number(),
}) satisfies z.ZodType<MailSummary>;
const listSchema = z.object({ items: z.array(summarySchema) });

/** A mailbox and a client that sends to it, as the shop does. */
export async function startBench(options: Partial<MailboxOptions> = {}) {
  const mailbox = await startMailbox({ port: 0, pagePort: 0, dataDir: null, faults: { seed: 1 }, ...options });
  const transport = createTransport(mailbox.url);
  return {
    mailbox,
    arm: (rule: FaultRule) => mailbox.faults?.arm(rule),
    send: (mail: Parameters<typeof transport.sendMail>[0] = {}) =>
      transport.sendMail({
        from: "Shop <shop@example.com>",
        to: "ada@example.com",
        subject: "Hello",
        text: "Hello, Ada",
        ...mail,
      }),
    get: (path: string, init?: RequestInit) => fetch(mailbox.pageUrl + path, init),
    async mails(query = ""): Promise<MailSummary[]> {
      const answer = await fetch(`${mailbox.pageUrl}/api/mails${query}`);
      return listSchema.parse(await answer.json()).items;
    },
    async [Symbol.asyncDispose]() {
      transport.close();
      await mailbox.stop();
    },
  };
}
