import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemClock } from "@stoa/kernel";
import { transact } from "../../platform/db/index.ts";
import { createAddress, deleteAddress, listAddresses, updateAddress } from "./addresses.ts";
import { eraseCustomer } from "./erase-customer.ts";
import { bothDoors, type Doors } from "./testing/doors.ts";
import { aShopper } from "./testing/shoppers.ts";

let doors: Doors;
beforeAll(async () => {
  doors = await bothDoors();
});
afterAll(() => doors[Symbol.asyncDispose]());

describe("an address book", () => {
  const home = { name: "Ada", line1: "Main St 1", city: "Berlin", postalCode: "10115", country: "DE" };

  test("has one default of each kind, however it is changed", async () => {
    const { actor } = await aShopper(doors);
    await createAddress(doors.deps, actor, { address: home, isDefaultShipping: true });
    const second = await createAddress(doors.deps, actor, { address: home, isDefaultShipping: true });
    await updateAddress(doors.deps, actor, { id: second.id, patch: { address: { city: "Bonn", line2: undefined } } });
    const book = await listAddresses(doors.deps, actor);
    expect(book.map((entry) => entry.isDefaultShipping)).toEqual([false, true]);
    expect(book[1]).toMatchObject({ city: "Bonn", line1: "Main St 1" });
  });

  test("takes nothing in for who was erased, although a token of theirs is still good", async () => {
    const { actor } = await aShopper(doors);
    const { id } = await createAddress(doors.deps, actor, { address: home });
    await transact(doors.deps.db, (tx) => eraseCustomer(tx, systemClock.now(), actor));
    const gone = { code: "not_found" };
    await expect(createAddress(doors.deps, actor, { address: home })).rejects.toMatchObject(gone);
    await expect(updateAddress(doors.deps, actor, { id, patch: {} })).rejects.toMatchObject(gone);
    expect(await listAddresses(doors.deps, actor)).toEqual([]);
  });

  test("belongs to its customer alone", async () => {
    const { actor } = await aShopper(doors);
    const other = await aShopper(doors);
    const { id } = await createAddress(doors.deps, actor, { address: home });
    await expect(updateAddress(doors.deps, other.actor, { id, patch: {} })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(deleteAddress(doors.deps, other.actor, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await listAddresses(doors.deps, other.actor)).toEqual([]);
  });
});
