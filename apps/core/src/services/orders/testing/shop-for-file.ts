import { afterAll, setDefaultTimeout } from "bun:test";
import { type OrderId, Problem } from "@stoa/kernel";
import type { OrderView } from "@stoa/read-models";
import { readOrder } from "../queries.ts";
import { aShop, type Shop } from "./checkout.ts";

/** A machine that is busy with everything else at once is slow, not wrong. */
const TEST_MS_MAX = 30_000;

/** A shop for the tests of one file, gone when they are over. To be awaited at the file's top. */
export async function shopForFile(): Promise<Shop> {
  setDefaultTimeout(TEST_MS_MAX);
  const shop = await aShop();
  afterAll(() => shop[Symbol.asyncDispose]());
  return shop;
}

/** An order as shoppers see it. */
export async function viewOf({ db }: Pick<Shop, "db">, orderId: OrderId): Promise<OrderView> {
  return (await readOrder(db, orderId)).view;
}

/** The code of the problem by which something is refused. @throws when it is not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof Problem) return failure.code;
  throw new Error("was not refused", { cause: failure });
}
