import { Faults } from "../faults.ts";
import type { RunningService, StandInOptions } from "../service.ts";
import { answerPage } from "./page-door.ts";
import { openSmtpDoor } from "./smtp-door.ts";
import { MailStore } from "./store.ts";

export interface MailboxOptions extends StandInOptions {
  /** Where the page listens on 127.0.0.1; 0 picks a free port. */
  readonly pagePort: number;
}

export interface RunningMailbox extends RunningService {
  readonly port: number;
  /** Where people look at the mails. */
  readonly pageUrl: string;
  /**
   * Null unless started with faults. Operations: "connect", "sender", "recipient", "data". They know drop, delay and fail
   * (with an SMTP status); `loseAnswer` at "data" keeps the mail and cuts the connection.
   */
  readonly faults: Faults | null;
}

/**
 * A mail server for one machine: takes what the shop sends over SMTP, keeps it through a kill, delivers nothing to anybody,
 * and shows it on a page. The newest 2,000 mails are kept.
 */
export async function startMailbox(options: MailboxOptions): Promise<RunningMailbox> {
  const store = new MailStore(options.dataDir);
  const faults = options.faults === undefined ? null : new Faults(options.faults.seed);
  const door = await openSmtpDoor({ port: options.port, store, faults }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const page = Bun.serve({
    hostname: "127.0.0.1",
    port: options.pagePort,
    fetch: (request) => answerPage(store, request),
  });
  let stopping: Promise<void> | null = null;
  const stop = async () => {
    await Promise.all([door.close(), page.stop(true)]);
    store.close();
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  return {
    name: "mail",
    rung: "embedded",
    description: "mailbox (embedded, SQLite)",
    url: `smtp://127.0.0.1:${door.port}`,
    port: door.port,
    pageUrl: `http://127.0.0.1:${page.port}`,
    faults,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}
