import type { ApiKeyId, CustomerId, StaffId } from "@stoa/kernel";
import type { Right } from "./rights.ts";

/** Whoever asks. Who it is was decided at the door; nothing inside takes it from a request's body. */
export type Actor =
  | { readonly kind: "guest" }
  | {
      readonly kind: "customer";
      readonly customerId: CustomerId;
      readonly userId: string;
      readonly email: string;
      readonly emailVerified: boolean;
    }
  | {
      readonly kind: "staff";
      readonly staffId: StaffId;
      readonly userId: string;
      readonly name: string;
      readonly email: string;
      readonly roles: readonly string[];
      readonly rights: ReadonlySet<Right>;
      /** Set when no person but a machine calls, by a secret key. */
      readonly apiKeyId?: ApiKeyId;
    }
  | { readonly kind: "system"; readonly name: string };

export type StaffActor = Extract<Actor, { kind: "staff" }>;
export type CustomerActor = Extract<Actor, { kind: "customer" }>;
export type ShopActor = Extract<Actor, { kind: "guest" | "customer" }>;

/** How an actor stands in timelines and the audit log, and beside what they have begun and others may have to end. */
export interface DescribedActor {
  readonly kind: Actor["kind"];
  readonly id: string;
  readonly name: string;
}

export function describeActor(actor: Actor | DescribedActor): DescribedActor {
  if ("id" in actor) return actor;
  switch (actor.kind) {
    case "guest":
      return { kind: "guest", id: "guest", name: "Guest" };
    case "customer":
      return { kind: "customer", id: actor.customerId, name: actor.email };
    case "staff":
      return { kind: "staff", id: actor.staffId, name: actor.name };
    case "system":
      return { kind: "system", id: actor.name, name: actor.name };
  }
}
