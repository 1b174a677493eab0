import { patience } from "@stoa/runtime";
import { createTransport } from "nodemailer";
import type { MailFile } from "./facts.ts";

/** A mail as it goes over SMTP. */
export interface OutgoingMail {
  /** Without angle brackets; the same for every try of one mail, so that a repetition can be recognised. */
  readonly messageId: string;
  readonly date: Date;
  readonly to: { readonly name: string; readonly address: string };
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly files: readonly MailFile[];
}

/** Hands a mail to a server. Answers what the server said; throws when it refused or did not answer. */
export interface MailTransport {
  /** The domain of MAIL_FROM, for Message-IDs. */
  readonly domain: string;
  send(mail: OutgoingMail): Promise<string>;
  close(): void;
}

export interface SmtpOptions {
  readonly url: string;
  /** "Name <address>" or an address. */
  readonly from: string;
}

const CONNECTIONS_MAX = 5;
const MAILS_PER_CONNECTION_MAX = 100;

/** Sends over SMTP. */
export function createSmtpTransport({ url, from }: SmtpOptions): MailTransport {
  const transport = openTransport(url);
  return {
    domain: domainOf(from),
    async send({ messageId, date, to, replyTo, subject, text, html, files }) {
      const { response } = await transport.sendMail({
        from,
        to: { name: oneLine(to.name), address: to.address },
        ...(replyTo === null ? {} : { replyTo }),
        messageId: `<${messageId}>`,
        date,
        subject: oneLine(subject),
        text,
        html,
        // Holiday repliers must not answer a machine.
        headers: { "auto-submitted": "auto-generated" },
        attachments: files.map(({ filename, contentType, content }) => ({
          filename,
          contentType,
          content: Buffer.from(content),
        })),
      });
      return response;
    },
    close: () => transport.close(),
  };
}

/** Says hello and shows the password, and sends nothing. Throws what the server, or the way to it, says against that. */
export async function greetMailServer({ url }: Pick<SmtpOptions, "url">): Promise<void> {
  const transport = openTransport(url);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

/**
 * The password in the address never goes over an open line: unless the server is on this machine, or the address says
 * `?ignoreTLS=true`, a connection without TLS is refused.
 */
function openTransport(url: string) {
  const { hostname, searchParams } = new URL(url);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    maxMessages: MAILS_PER_CONNECTION_MAX,
    // Whether a mail is tried again is decided and recorded by us.
    maxRequeues: 0,
    connectionTimeout: patience.smtp.connectMs,
    greetingTimeout: patience.smtp.connectMs,
    socketTimeout: patience.smtp.silenceMs,
    ...(isHere || searchParams.has("ignoreTLS") ? {} : { requireTLS: true }),
    // A mail is made of what stands in it, never of a path or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** The library encodes what could end a header; a subject of one line also reads better. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

function domainOf(from: string): string {
  return /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? "localhost";
}
