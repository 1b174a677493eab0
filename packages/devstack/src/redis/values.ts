import { SortedSet } from "./sorted-set.ts";
import type { Value } from "./store.ts";
import { type ConsumerGroup, Stream } from "./stream.ts";

/** A copy that shares nothing with the original. */
export function copyValue(value: Value): Value {
  switch (value.type) {
    case "string":
      return value;
    case "hash":
      return { type: "hash", data: new Map(value.data) };
    case "list":
      return { type: "list", data: [...value.data] };
    case "set":
      return { type: "set", data: new Set(value.data) };
    case "zset": {
      const data = new SortedSet();
      for (const [member, score] of value.data.entries()) data.set(member, score);
      return { type: "zset", data };
    }
    case "stream":
      return { type: "stream", data: copyStream(value.data) };
  }
}

function copyStream(stream: Stream): Stream {
  const copy = new Stream();
  copy.entries = [...stream.entries];
  copy.lastId = stream.lastId;
  for (const [name, group] of stream.groups) {
    const pending: ConsumerGroup["pending"] = new Map();
    for (const [id, entry] of group.pending) pending.set(id, { ...entry });
    copy.groups.set(name, { lastDelivered: group.lastDelivered, pending, consumers: new Map(group.consumers) });
  }
  return copy;
}
