const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** The request id that came in when it is well formed (8–128 of letters, digits and `._:-`), else a new one. */
export function requestIdFrom(header: string | null | undefined): string {
  return header && REQUEST_ID.test(header) ? header : crypto.randomUUID();
}

/** Where a request stands in a W3C trace: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 hex digits, shared by every hop. */
  readonly traceId: string;
  /** 16 hex digits, this hop. */
  readonly spanId: string;
  /** The hop before, null when the trace begins here. */
  readonly parentId: string | null;
  readonly sampled: boolean;
  /** What to send on. */
  readonly traceparent: string;
}

/** Joins the trace of an incoming `traceparent`, or begins one when there is none or it is malformed. */
export function traceFrom(header: string | null | undefined): TraceContext {
  const match = TRACEPARENT.exec(header ?? "");
  const [traceId, parentId] = [match?.[1], match?.[2]];
  const known = traceId && parentId && !/^0+$/.test(traceId) && !/^0+$/.test(parentId);
  const sampled = known ? (Number.parseInt(match?.[3] ?? "01", 16) & 1) === 1 : true;
  return traceContext(known ? traceId : randomHex(16), known ? parentId : null, sampled);
}

function traceContext(traceId: string, parentId: string | null, sampled: boolean): TraceContext {
  const spanId = randomHex(8);
  return { traceId, spanId, parentId, sampled, traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}` };
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Random bytes are drawn many at a time, because each drawing costs more than the bytes. */
const pool = new Uint8Array(4_096);
let drawn = pool.length;

function randomHex(bytes: number): string {
  if (drawn + bytes > pool.length) {
    crypto.getRandomValues(pool);
    drawn = 0;
  }
  let text = "";
  for (const end = drawn + bytes; drawn < end; drawn += 1) text += hexOfByte[pool[drawn] ?? 0];
  return text;
}
