import { type Clock, type Instant, newId, type SagaId, toUuid } from "@stoa/kernel";
import { sql } from "drizzle-orm";
import { type Database, type Transaction, transact } from "../../db/index.ts";
import {
  defaultRetryPolicy,
  done,
  refused,
  type SagaEngineOptions,
  saga,
  startSaga,
  sweepSagas,
  waiting,
} from "../index.ts";

export const stepNames = ["stock", "promotion", "payment", "confirmed", "captured"] as const;
export type StepName = (typeof stepNames)[number];

/** What a test makes go wrong. */
export interface Behaviour {
  /** This step refuses. */
  readonly refuse?: StepName;
  /** Throws for the given number of runs of a step (or of its undo, as `undo:payment`). */
  readonly throwing?: Map<string, number>;
  /** The payment waits until the provider's books say approved. */
  readonly approval?: boolean;
}

export interface TestInput {
  readonly order: string;
}

/** Books outside the saga's own transactions: they survive whatever happens to the process that writes them. */
export async function createShop(db: Database): Promise<void> {
  await db.execute(sql`create table effect (saga text, step text, runs int not null, primary key (saga, step))`);
  await db.execute(sql`create table attempt (key text primary key, state text not null)`);
  await db.execute(
    sql`create table charge (key text primary key, state text not null, approved boolean not null default false)`,
  );
}

/** A small place-order plan with a provider whose books lie in a table, written outside the saga's transactions. */
export function testPlan(db: Database, behaviour: Behaviour) {
  const fail = (what: string) => {
    const left = behaviour.throwing?.get(what) ?? 0;
    if (left <= 0) return;
    behaviour.throwing?.set(what, left - 1);
    throw new Error(`${what} failed`);
  };
  const local = (step: StepName) => ({
    async do({ tx, sagaId }: { tx: Transaction; sagaId: SagaId }) {
      fail(step);
      if (behaviour.refuse === step) return refused("out_of_stock");
      await tx.execute(sql`insert into effect values (${sagaId}, ${step}, 1)
        on conflict (saga, step) do update set runs = effect.runs + 1`);
      return done({ step });
    },
    async undo({ tx, sagaId }: { tx: Transaction; sagaId: SagaId }) {
      fail(`undo:${step}`);
      await tx.execute(sql`delete from effect where saga = ${sagaId} and step = ${step}`);
    },
  });
  return saga<TestInput>("test-order")
    .step("stock", local("stock"))
    .step("promotion", local("promotion"))
    .remote("payment", {
      do: {
        async prepare({ tx, key }) {
          await tx.execute(sql`insert into attempt values (${key}, 'open') on conflict do nothing`);
          return { key };
        },
        async call({ prepared }) {
          fail("payment");
          if (behaviour.refuse === "payment") return "declined";
          await db.execute(
            sql`insert into charge values (${prepared.key}, 'authorized', ${!behaviour.approval}) on conflict do nothing`,
          );
          fail("payment:answer");
          const [row] = await db.execute(sql`select approved from charge where key = ${prepared.key}`);
          return row?.approved ? "authorized" : "unapproved";
        },
        async settle({ tx, key, result, now }) {
          if (result === "declined") return refused("payment_declined");
          if (result === "unapproved") return waiting((now + 60_000) as Instant, "approval");
          await tx.execute(sql`update attempt set state = 'authorized' where key = ${key}`);
          return done({ reference: key });
        },
      },
      undo: {
        prepare: async ({ key }) => ({ key }),
        async call({ prepared }) {
          fail("undo:payment");
          await db.execute(sql`insert into charge values (${prepared.key}, 'voided')
            on conflict (key) do update set state = 'voided'`);
        },
        async settle({ tx, key }) {
          await tx.execute(sql`update attempt set state = 'voided' where key = ${key}`);
        },
      },
    })
    .pivot("confirmed", {
      async do(context) {
        // Reads an earlier output by its name and type.
        if (!context.outputs.payment.reference) throw new Error("no reference");
        return local("confirmed").do(context);
      },
    })
    .remote("captured", {
      do: {
        prepare: async ({ outputs }) => ({ key: outputs.payment.reference }),
        async call({ prepared }) {
          fail("captured");
          await db.execute(
            sql`update charge set state = 'captured' where key = ${prepared.key} and state = 'authorized'`,
          );
        },
        async settle({ tx, outputs }) {
          await tx.execute(sql`update attempt set state = 'captured' where key = ${outputs.payment.reference}`);
          return done(null);
        },
      },
    });
}

export const LEASE_MS = 30_000;

export function testEngine(db: Database, clock: Clock, behaviour: Behaviour = {}): SagaEngineOptions {
  return {
    db,
    clock,
    plans: new Map([["test-order", testPlan(db, behaviour)]]),
    random: () => 0.5,
    leaseMs: LEASE_MS,
    retry: { ...defaultRetryPolicy, attemptsBeforePivot: 3, attemptsAfterPivot: 4 },
    observe: { turned: () => undefined, stepFailed: () => undefined, rested: () => undefined },
  };
}

export async function startTestSaga(engine: SagaEngineOptions, deadlineAt: Instant | null = null) {
  const key = newId("ord");
  const plan = testPlan(engine.db, {});
  const id = await transact(engine.db, (tx) =>
    startSaga(tx, engine.clock.now(), { saga: plan, key, input: { order: key }, deadlineAt }),
  );
  return { id, key };
}

/** Lets time pass and the sweeper work until nothing is left to wake. */
export async function sweepUntilQuiet(
  engine: SagaEngineOptions,
  clock: { advance(durationMs: number): void },
): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    clock.advance(2 * LEASE_MS);
    if ((await sweepSagas(engine)).size === 0) return;
  }
  throw new Error("the sagas never came to rest");
}

export interface Books {
  readonly state: string;
  readonly effects: readonly string[];
  readonly charge: string | null;
  readonly attempt: string | null;
}

/** What is left in the shop's and the provider's books of one saga. */
export async function booksOf(db: Database, id: SagaId): Promise<Books> {
  const [row] = await db.execute(sql`select state from platform.saga where type = 'test-order' and id = ${toUuid(id)}`);
  const effects = await db.execute(sql`select step, runs from effect where saga = ${id} order by step`);
  const [charge] = await db.execute(sql`select state from charge where key = ${`${id}/payment`}`);
  const [attempt] = await db.execute(sql`select state from attempt where key = ${`${id}/payment`}`);
  return {
    state: String(row?.state),
    effects: effects.map((effect) => `${effect.step}:${effect.runs}`),
    charge: charge ? String(charge.state) : null,
    attempt: attempt ? String(attempt.state) : null,
  };
}
