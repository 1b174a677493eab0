import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Store } from "./store.ts";

export interface SigningKeys {
  readonly current: string;
  readonly next: string;
}

const rotatedSchema = z.object({ startedWith: z.string(), current: z.string(), next: z.string() });

/** The pair that signs. A rotation survives a restart for as long as the process is started with the same pair. */
export class KeyRing {
  #keys: SigningKeys;
  readonly #startedWith: string;

  constructor(
    readonly store: Store,
    configured: SigningKeys,
  ) {
    this.#startedWith = `${configured.current} ${configured.next}`;
    const rotated = rotatedSchema.safeParse(store.settings("keys").get("pair"));
    this.#keys = rotated.success && rotated.data.startedWith === this.#startedWith ? rotated.data : configured;
  }

  get pair(): SigningKeys {
    return { current: this.#keys.current, next: this.#keys.next };
  }

  rotate(): SigningKeys {
    this.#keys = { current: this.#keys.next, next: `sig_${randomUUID().replaceAll("-", "")}` };
    this.store.durably(() => this.store.set("keys", "pair", { startedWith: this.#startedWith, ...this.#keys }));
    return this.pair;
  }
}
