import { Buffer } from "node:buffer";

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
  const match = header ? TRACEPARENT.exec(header) : null;
  const [traceId, parentId] = [match?.[1], match?.[2]];
  const known = traceId && parentId && !/^0+$/.test(traceId) && !/^0+$/.test(parentId);
  const sampled = known ? (Number.parseInt(match?.[3] ?? "01", 16) & 1) === 1 : true;
  return traceContext(known ? traceId : randomHex(16), known ? parentId : null, sampled);
}

function traceContext(traceId: string, parentId: string | null, sampled: boolean): TraceContext {
  const spanId = randomHex(8);
  return { traceId, spanId, parentId, sampled, traceparent: `00-${traceId}-${spanId}-${sampled ? "01" : "00"}` };
}

/** Random bytes are drawn and written out many at a time, because each drawing costs more than the bytes. */
const pool = Buffer.alloc(4_096);
let digits = "";
let drawn = 0;

function randomHex(bytes: number): string {
  const length = bytes * 2;
  if (drawn + length > digits.length) {
    crypto.getRandomValues(pool);
    digits = pool.toString("hex");
    drawn = 0;
  }
  drawn += length;
  return digits.slice(drawn - length, drawn);
}
