import { newId } from "@stoa/kernel";
import type { Right, StaffActor } from "../platform/rpc/index.ts";

/** Who calls, for tests of doors: staff with the rights that the header `x-test-rights` names; nobody without it. */
export async function staffByHeader(headers: Headers): Promise<StaffActor | null> {
  const rights = headers.get("x-test-rights");
  if (rights === null) return null;
  return {
    kind: "staff",
    staffId: newId("stf"),
    userId: "user",
    name: "Ada",
    email: "ada@example.com",
    roles: [],
    rights: new Set(rights.split(",") as Right[]),
  };
}
