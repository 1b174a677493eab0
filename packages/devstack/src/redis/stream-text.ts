import { z } from "zod";
import { type ConsumerGroup, Stream } from "./stream.ts";

const idShape = z.object({ time: z.number(), sequence: z.number() });
const pendingShape = z.object({ consumer: z.string(), deliveredAt: z.number(), deliveries: z.number() });
const groupShape = z.object({
  lastDelivered: idShape,
  pending: z.array(z.tuple([z.string(), pendingShape])),
  consumers: z.array(z.tuple([z.string(), z.number()])),
});
const streamShape = z.object({
  lastId: idShape,
  entries: z.array(z.object({ id: idShape, fields: z.array(z.string()) })),
  groups: z.array(z.tuple([z.string(), groupShape])),
});

/** A stream as one string. Its characters are bytes like those of all other values. */
export function encodeStream(stream: Stream): string {
  const groups = [...stream.groups].map(([name, group]) => [
    name,
    { ...group, pending: [...group.pending], consumers: [...group.consumers] },
  ]);
  return JSON.stringify({ lastId: stream.lastId, entries: stream.entries, groups });
}

export function decodeStream(text: string): Stream {
  const shape = streamShape.parse(JSON.parse(text));
  const stream = new Stream();
  stream.entries = shape.entries;
  stream.lastId = shape.lastId;
  for (const [name, { lastDelivered, pending, consumers }] of shape.groups) {
    const group: ConsumerGroup = { lastDelivered, pending: new Map(pending), consumers: new Map(consumers) };
    stream.groups.set(name, group);
  }
  return stream;
}
