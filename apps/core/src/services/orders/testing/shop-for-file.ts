import { afterAll, setDefaultTimeout } from "bun:test";
import type { OrderId } from "@stoa/kernel";
import type { OrderView } from "@stoa/read-models";
import { readOrder } from "../queries.ts";
import { aShop, type Shop } from "./checkout.ts";

/** A machine that is busy with everything else at once is slow, not wrong. */
const TEST_MS_MAX = 60_000;

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
