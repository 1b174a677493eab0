import type { Instant, MessageId } from "@stoa/kernel";
import type { Channel } from "./message.ts";

/** One outbox row as the relay works with it. */
export interface OutboxRow {
  readonly id: MessageId;
  readonly channel: Channel;
  readonly type: string;
  readonly key: string;
  readonly payload: unknown;
  readonly availableAt: Instant;
  readonly attempts: number;
}
