import { z } from "zod";
import { QstashRefusal } from "./errors.ts";
import { destinationUrl } from "./message.ts";
import type { Store } from "./store.ts";

const ENDPOINTS_MAX = 100;

export const endpointsSchema = z.object({
  endpoints: z.array(z.object({ name: z.string().max(256).optional(), url: z.string().optional() })).max(ENDPOINTS_MAX),
});
const topicSchema = z.object({
  name: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  endpoints: z.array(z.object({ name: z.string().optional(), url: z.string() })),
});
export type Topic = z.infer<typeof topicSchema>;

/** Where one publish goes: an address, or every endpoint of a URL group. */
export interface Destination {
  readonly url: string;
  readonly topicName: string | null;
}

/** URL groups: one name for several destinations. */
export class Topics {
  constructor(readonly store: Store) {}

  list(): Topic[] {
    return [...this.store.settings("topic").values()].map((value) => topicSchema.parse(value));
  }

  get(name: string): Topic | null {
    return this.list().find((topic) => topic.name === name) ?? null;
  }

  add(name: string, endpoints: z.infer<typeof endpointsSchema>["endpoints"]): void {
    const now = Date.now();
    const topic = this.get(name) ?? { name, createdAt: now, updatedAt: now, endpoints: [] };
    const added = endpoints.map((endpoint) => ({ ...endpoint, url: destinationUrl(endpoint.url ?? "", "endpoint") }));
    const kept = topic.endpoints.filter((known) => !added.some((endpoint) => endpoint.url === known.url));
    if (kept.length + added.length > ENDPOINTS_MAX) {
      throw new QstashRefusal(400, `a url group holds at most ${ENDPOINTS_MAX} endpoints`);
    }
    this.#save({ ...topic, updatedAt: now, endpoints: [...kept, ...added] });
  }

  remove(name: string, endpoints: z.infer<typeof endpointsSchema>["endpoints"]): void {
    const topic = this.get(name);
    if (topic === null) throw new QstashRefusal(404, `topic ${name} not found`);
    const kept = topic.endpoints.filter(
      (known) => !endpoints.some(({ name, url }) => (url !== undefined ? url === known.url : name === known.name)),
    );
    if (kept.length === 0) this.delete(name);
    else this.#save({ ...topic, updatedAt: Date.now(), endpoints: kept });
  }

  delete(name: string): void {
    this.store.durably(() => this.store.unset("topic", name));
  }

  resolve(destination: string): Destination[] {
    if (/^https?(:|%3a)/i.test(destination)) return [{ url: destination, topicName: null }];
    const topic = this.get(destination);
    if (topic === null) {
      throw new QstashRefusal(400, `invalid destination url: ${destination.slice(0, 200)} is no url and no url group`);
    }
    return topic.endpoints.map((endpoint) => ({ url: endpoint.url, topicName: topic.name }));
  }

  #save(topic: Topic): void {
    this.store.durably(() => this.store.set("topic", topic.name, topic));
  }
}
