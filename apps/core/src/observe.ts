import type { Instant } from "@stoa/kernel";
import type { Logger, Metrics } from "@stoa/runtime";
import { type CreditObserver, creditObserver } from "./observe-credits.ts";
import { failureLog } from "./observe-failures.ts";
import { type MailObservers, mailObservers } from "./observe-mail.ts";
import { type SagaObservers, sagaObservers } from "./observe-sagas.ts";
import { searchObserver } from "./observe-search.ts";
import type { OutboxHealth, RelayObserver } from "./platform/outbox/index.ts";
import type { OpenedAlert, StockCheck } from "./services/inventory/index.ts";
import type { ChoreObserver } from "./workers.ts";

/** What an operator watches: every metric of core that is not about HTTP, and the log lines that go with them. */
export interface Observers {
  readonly relay: RelayObserver;
  readonly saga: SagaObservers;
  readonly chores: ChoreObserver;
  readonly queue: (type: string, outcome: "ok" | "failed" | "unknown", durationSeconds: number) => void;
  readonly outbox: (health: OutboxHealth) => void;
  readonly searchBacklog: (products: number) => void;
  /** How many holds were found that end within a day. */
  readonly holdsEnding: (count: number) => void;
  /** What a nightly comparison with a provider's books has found and repaired. */
  readonly reconciled: (run: ReconciledRun) => void;
  readonly mail: MailObservers;
  /** A transaction has begun, after waiting so long. */
  readonly database: (waitSeconds: number) => void;
  readonly stock: StockObserver;
  readonly credits: CreditObserver;
}

export interface StockObserver {
  alerts(opened: readonly OpenedAlert[], open: number): void;
  checked(check: StockCheck): void;
}

export function createObservers(logger: Logger, metrics: Metrics): Observers {
  return {
    relay: relayObserver(logger, metrics),
    saga: sagaObservers(logger, metrics),
    chores: choreObserver(logger, metrics),
    queue: queueObserver(metrics),
    outbox: outboxObserver(metrics),
    searchBacklog: searchObserver(metrics),
    holdsEnding: holdsObserver(metrics),
    reconciled: reconciliationObserver(metrics),
    database: databaseObserver(metrics),
    stock: stockObserver(logger, metrics),
    mail: mailObservers(logger, metrics),
    credits: creditObserver(logger, metrics),
  };
}

function relayObserver(logger: Logger, metrics: Metrics): RelayObserver {
  const messages = metrics.counter({
    name: "outbox_messages_total",
    help: "Messages the relay carried, by channel and outcome",
    labels: ["channel", "outcome"],
  });
  const lag = metrics.histogram({
    name: "outbox_lag_seconds",
    help: "From the commit of a message until it was carried",
    labels: ["channel"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600],
  });
  const failures = failureLog(logger, {
    level: "warn",
    failed: "messages could not be carried and will be tried again",
    over: "messages are carried again",
    named: "channel",
  });
  return {
    sent(channel, rows, lagMs) {
      failures.done(channel);
      messages({ channel, outcome: "sent" }, rows.length);
      lag({ channel }, lagMs / 1_000);
    },
    failed(channel, rows, error) {
      messages({ channel, outcome: "failed" }, rows.length);
      failures.failed(channel, error);
    },
    deadLettered(row, error) {
      messages({ channel: row.channel, outcome: "dead" }, 1);
      const { id: messageId, type, key } = row;
      logger.error("a message has exhausted its tries; it waits among the dead letters", {
        messageId,
        type,
        key,
        error,
      });
    },
  };
}

function choreObserver(logger: Logger, metrics: Metrics): ChoreObserver {
  const found = metrics.counter({
    name: "chore_found_total",
    help: "What the sweeps found to do, by chore",
    labels: ["chore"],
  });
  const failed = metrics.counter({ name: "chore_failures_total", help: "Sweeps that failed", labels: ["chore"] });
  const failures = failureLog(logger, {
    level: "error",
    failed: "a chore failed and will be tried again",
    over: "a chore succeeds again",
    named: "chore",
  });
  return {
    done(chore, count) {
      found({ chore }, count);
      failures.done(chore);
    },
    failed(chore, error) {
      failed({ chore });
      failures.failed(chore, error);
    },
  };
}

function queueObserver(metrics: Metrics): Observers["queue"] {
  const seconds = metrics.histogram({
    name: "queue_delivery_seconds",
    help: "Work on deliveries of QStash, by type of message and outcome",
    labels: ["type", "outcome"],
  });
  return (type, outcome, durationSeconds) => seconds({ type, outcome }, durationSeconds);
}

/** A comparison with a provider's books that came to its end. */
export interface ReconciledRun {
  readonly provider: string;
  readonly compared: number;
  readonly listed: number;
  readonly unmarked: number;
  readonly found: number;
  readonly repaired: number;
  readonly endedAt: Instant;
}

function reconciliationObserver(metrics: Metrics): Observers["reconciled"] {
  const labels = ["provider"] as const;
  const compared = metrics.counter({
    name: "reconciliation_compared_total",
    help: "Payments of ours that were compared with a provider's books",
    labels,
  });
  const listed = metrics.counter({
    name: "reconciliation_listed_total",
    help: "Lines of a provider's lists and statement, by whether they bear a mark of ours",
    labels: ["provider", "marked"],
  });
  const endedAt = metrics.gauge({
    name: "reconciliation_last_end_seconds",
    help: "When a comparison with a provider's books last came to its end, in seconds since 1970",
    labels,
  });
  const mismatches = metrics.counter({
    name: "reconciliation_mismatches_total",
    help: "What nightly comparisons with providers' books found, by whether it was repaired",
    labels: ["result"],
  });
  return (run) => {
    const { provider } = run;
    compared({ provider }, run.compared);
    listed({ provider, marked: "yes" }, run.listed - run.unmarked);
    listed({ provider, marked: "no" }, run.unmarked);
    endedAt({ provider }, run.endedAt / 1_000);
    mismatches({ result: "repaired" }, run.repaired);
    mismatches({ result: "open" }, run.found - run.repaired);
  };
}

function holdsObserver(metrics: Metrics): Observers["holdsEnding"] {
  const ending = metrics.counter({
    name: "payment_holds_ending_total",
    help: "Holds found within a day of their end, not captured",
    labels: [],
  });
  return (count) => ending({}, count);
}

function outboxObserver(metrics: Metrics): Observers["outbox"] {
  const waiting = metrics.gauge({ name: "outbox_waiting", help: "Messages that are due and not sent", labels: [] });
  const lag = metrics.gauge({ name: "outbox_oldest_seconds", help: "Age of the oldest of them", labels: [] });
  const dead = metrics.gauge({ name: "dead_letters_open", help: "Dead letters not replayed", labels: [] });
  return (health) => {
    waiting({}, health.waiting);
    lag({}, health.lagSeconds);
    dead({}, health.deadLetters);
  };
}

function databaseObserver(metrics: Metrics): Observers["database"] {
  const wait = metrics.histogram({
    name: "database_wait_seconds",
    help: "How long transactions waited for a connection and their BEGIN",
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  });
  return (waitSeconds) => wait({}, waitSeconds);
}

function stockObserver(logger: Logger, metrics: Metrics): StockObserver {
  const open = metrics.gauge({ name: "stock_alerts_open", help: "SKUs at or below their threshold", labels: [] });
  const wrong = metrics.gauge({
    name: "stock_counters_wrong",
    help: "Counters that the last check found wrong, by what they were compared with",
    labels: ["compared_with"],
  });
  return {
    alerts(opened, count) {
      open({}, count);
      for (const { sku, threshold, available } of opened) {
        logger.warn("stock has run low", { sku, threshold, available });
      }
    },
    checked({ mismatches, repaired, promises }) {
      wrong({ compared_with: "movements" }, mismatches.length);
      wrong({ compared_with: "promises" }, promises.length);
      const skus = [...mismatches, ...promises].slice(0, 20).map(({ sku }) => sku);
      if (skus.length > 0) logger.error("stock counters are wrong", { skus, repaired, promises: promises.length });
    },
  };
}
