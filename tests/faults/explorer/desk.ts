import type { ExplorableCore } from "@stoa/core/testing";
import { money, type OrderId } from "@stoa/kernel";
import type { DeskAct } from "./desk-plan.ts";
import type { World } from "./world.ts";

type Desk = ReturnType<ExplorableCore["desk"]>;
/** One call of an act; what it answers, the next one is given. */
type Call = (desk: Desk, before: string) => Promise<string>;

/** Whose order, and what stands in it. */
export interface DeskOrder {
  readonly orderId: OrderId;
  readonly sku: string;
}

const ASKS_AGAIN_MS = 500;
const ASKS_MAX = 30;
const LINK_SECONDS = 600;
/** Cents; no unit costs less. */
const LITTLE = 50;

/** The staff of a seed. They ask again with the same key when they hear nothing, and wait when an order is not ready for them. */
export class DeskStaff {
  readonly #world: World;
  readonly #orderOf: (shopper: string) => DeskOrder | null;
  #acts = 0;

  constructor(world: World, orderOf: (shopper: string) => DeskOrder | null) {
    this.#world = world;
    this.#orderOf = orderOf;
  }

  /** Sets off everybody. */
  enter(acts: readonly DeskAct[]): void {
    for (const act of acts) {
      for (const { atMs } of [act, ...(act.again ? [act.again] : [])]) {
        this.#acts += 1;
        const key = `desk act ${this.#acts}`;
        this.#world.scheduler.at(atMs, `${key}: ${act.kind}`, () => this.#begin(act, key, 0));
      }
    }
  }

  #begin(act: DeskAct, key: string, asked: number): void {
    const order = this.#orderOf(act.shopper);
    if (order) this.#go({ key, calls: callsOf(act.kind, order, key), step: 0, before: "", asked: 0 });
    else if (asked < ASKS_MAX)
      this.#world.scheduler.at(ASKS_AGAIN_MS, `${key} waits`, () => this.#begin(act, key, asked + 1));
  }

  #go(run: Run): void {
    const { key, calls, step, before, asked } = run;
    const call = calls[step];
    if (!call) return;
    const { scheduler } = this.#world;
    const again = () => {
      if (asked >= ASKS_MAX) return;
      scheduler.at(ASKS_AGAIN_MS, `${key} again`, () => this.#go({ ...run, asked: asked + 1 }));
    };
    this.#world.request(
      `${key}.${step}`,
      (core) => call(core.desk(`${key}.${step}`), before),
      (outcome) => {
        if (outcome.kind === "silence") return again();
        scheduler.note(`${key}.${step}: ${outcome.kind === "refusal" ? outcome.code : "done"}`);
        if (outcome.kind === "answer") return this.#go({ ...run, step: step + 1, before: outcome.value, asked: 0 });
        // An order that is not confirmed yet, or has no units of its own yet, may be so in a moment.
        if (outcome.code === "state_conflict" || outcome.code === "version_conflict") again();
      },
    );
  }
}

interface Run {
  readonly key: string;
  readonly calls: readonly Call[];
  readonly step: number;
  readonly before: string;
  readonly asked: number;
}

function callsOf(kind: DeskAct["kind"], { orderId, sku }: DeskOrder, key: string): readonly Call[] {
  const items = [{ sku, quantity: 1 }];
  const shipping = (wanted: { readonly items?: typeof items }): Call[] => [
    async ({ parcels }) => (await parcels.create({ orderId, ...wanted })).id,
    async ({ parcels }, fulfilmentId) => {
      await parcels.ship({ id: fulfilmentId });
      return "";
    },
  ];
  switch (kind) {
    case "cancel a unit":
      return [
        async ({ orders }) => {
          await orders.cancelLines({ id: orderId, items });
          return "";
        },
      ];
    case "ship a unit":
      return shipping({ items });
    case "ship the rest":
      return shipping({});
    case "ship and take back a unit":
      return [...shipping({ items }), ...takingBack(orderId, sku), refunding];
    case "exchange a unit":
      return [...shipping({ items }), ...takingBack(orderId, sku), exchangingFor(sku, 1)];
    case "exchange a unit for two, then think better of it":
      return [...shipping({ items }), ...takingBack(orderId, sku), exchangingFor(sku, 2), thinkingBetter];
    case "take what is held":
      return [byHand((till) => till.captureOrder({ orderId, key }))];
    case "give back a little":
      return [
        byHand((till) => till.refund({ orderId, amount: money(LITTLE, "USD"), key, reason: "sorry for the wait" })),
      ];
    case "take out a unit":
      return [editing(orderId, { remove: items, add: [] })];
    case "swap a unit":
      return [editing(orderId, { remove: items, add: items })];
    case "swap a unit for two, paid outside":
      return [editing(orderId, { remove: items, add: [{ sku, quantity: 2 }] }), ...settling(kind)];
    default:
      return [editing(orderId, { remove: [], add: items }), ...settling(kind)];
  }
}

/** An act on an order's money, which its key names. */
const byHand =
  (act: (money: Desk["money"]) => Promise<unknown>): Call =>
  async ({ money }) => {
    await act(money);
    return "";
  };

/** One act on one return, whose id goes on to the next. */
const onReturn =
  (act: (returns: Desk["returns"], returnId: string) => Promise<unknown>): Call =>
  async ({ returns }, returnId) => {
    await act(returns, returnId);
    return returnId;
  };

const refunding = onReturn((returns, returnId) => returns.refund({ id: returnId }));
const thinkingBetter = onReturn((returns, returnId) => returns.cancelExchange({ id: returnId }));
const exchangingFor = (sku: string, quantity: number) =>
  onReturn((returns, returnId) => returns.exchange({ id: returnId, lines: [{ sku, quantity }] }));

function takingBack(orderId: OrderId, sku: string): Call[] {
  return [
    async ({ returns }) => (await returns.create({ orderId, items: [{ sku, quantity: 1, reason: "too small" }] })).id,
    onReturn((returns, returnId) => returns.approve({ id: returnId })),
    onReturn((returns, returnId) => returns.receive({ id: returnId, items: [{ sku, restock: 1 }] })),
  ];
}

/** Answers the edit's id. What was previewed is committed in the same call: the other waits of an act lie between calls. */
function editing(orderId: OrderId, content: Parameters<Desk["edits"]["preview"]>[0]["content"]): Call {
  return async ({ edits }) => {
    const { version } = await edits.preview({ orderId, content });
    const reason = "asked for by telephone";
    return (await edits.commit({ orderId, content, version, reason, expiresInSeconds: LINK_SECONDS })).id;
  };
}

function settling(kind: DeskAct["kind"]): Call[] {
  if (kind === "put in a unit, paid outside" || kind === "swap a unit for two, paid outside")
    return [
      async ({ edits }, changeId) => {
        await edits.acceptManually({ id: changeId });
        return "";
      },
    ];
  if (kind === "put in a unit, then think better of it")
    return [
      async ({ edits }, changeId) => {
        await edits.cancel({ id: changeId });
        return "";
      },
    ];
  return [];
}
