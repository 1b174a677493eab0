import type { Socket } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { Faults } from "../faults.ts";
import { listen } from "../listen.ts";
import { MAIL_BYTES_MAX, type MailStore } from "./store.ts";

/** Where a fault may strike, in the order of a delivery. */
export type MailOperation = "connect" | "sender" | "recipient" | "data";

const CLIENTS_MAX = 50;
const SOCKET_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 1_000;
const DELAY_MS_MAX = 600_000;
const SUBJECT_CHARACTERS_MAX = 500;

export interface SmtpDoorOptions {
  readonly port: number;
  readonly store: MailStore;
  readonly faults: Faults | null;
}

export interface SmtpDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** An SMTP server on 127.0.0.1 that takes every mail for everybody and keeps it. */
export async function openSmtpDoor({ port, store, faults }: SmtpDoorOptions): Promise<SmtpDoor> {
  const sockets = new Map<number, Socket>();
  const cut = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();
  const step = (operation: MailOperation, session: SMTPServerSession, go: (error?: Error) => void) =>
    void strike(faults, operation, { cut: () => cut(session), go });
  const smtp = new SMTPServer({
    banner: "Stoa mailbox",
    logger: false,
    size: MAIL_BYTES_MAX,
    maxClients: CLIENTS_MAX,
    socketTimeout: SOCKET_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // It holds test mail on this machine: there is nobody to authenticate and no certificate that anybody would trust.
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onConnect: (session, done) => step("connect", session, done),
    onMailFrom: (_address, session, done) => step("sender", session, done),
    onRcptTo: (_address, session, done) => step("recipient", session, done),
    onData: (stream, session, done) => void takeData({ stream, session, store, faults }, () => cut(session), done),
  });
  smtp.on("error", () => undefined);
  smtp.server.prependListener("connection", (socket: Socket) => {
    const remotePort = socket.remotePort ?? 0;
    sockets.set(remotePort, socket);
    socket.once("close", () => sockets.delete(remotePort));
  });
  const listening = await listen(smtp.server, port);
  return {
    port: listening,
    close: () =>
      new Promise((resolve) => {
        smtp.close(() => resolve());
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

interface Step {
  readonly cut: () => void;
  readonly go: (error?: Error) => void;
}

/** A command that stores nothing: losing its answer is the same as cutting it. */
async function strike(faults: Faults | null, operation: MailOperation, { cut, go }: Step): Promise<void> {
  const action = faults?.next(operation) ?? null;
  if (action?.kind === "drop" || action?.kind === "loseAnswer") return cut();
  if (action?.kind === "delay") await Bun.sleep(Math.min(action.delayMs, DELAY_MS_MAX));
  go(action?.kind === "fail" ? refusal(action.status) : undefined);
}

interface Data {
  readonly stream: SMTPServerDataStream;
  readonly session: SMTPServerSession;
  readonly store: MailStore;
  readonly faults: Faults | null;
}

async function takeData({ stream, session, store, faults }: Data, cut: () => void, done: Step["go"]): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk);
    if (stream.sizeExceeded) return done(refusal(552));
    const action = faults?.next("data") ?? null;
    if (action?.kind === "drop") return cut();
    if (action?.kind === "fail") return done(refusal(action.status));
    if (action?.kind === "delay") await Bun.sleep(Math.min(action.delayMs, DELAY_MS_MAX));
    await keep(store, session, Buffer.concat(chunks));
    if (action?.kind === "loseAnswer") return cut();
    done();
  } catch (error) {
    console.error("a mail could not be kept", error);
    done(refusal(451));
  }
}

async function keep(store: MailStore, session: SMTPServerSession, raw: Uint8Array): Promise<void> {
  const mail = await PostalMime.parse(raw);
  const { mailFrom, rcptTo } = session.envelope;
  store.keep({
    at: Date.now(),
    sender: mailFrom === false ? "" : mailFrom.address,
    recipients: rcptTo.map(({ address }) => address),
    subject: (mail.subject ?? "").slice(0, SUBJECT_CHARACTERS_MAX),
    messageId: (mail.messageId ?? "").replace(/^<|>$/g, ""),
    attachments: mail.attachments.length,
    raw,
  });
}

function refusal(status = 451): Error {
  return Object.assign(new Error("refused by a fault of this mailbox"), { responseCode: status });
}
