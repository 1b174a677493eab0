import { expect, test } from "bun:test";
import { requestIdFrom, traceFrom } from "./trace.ts";

test("a well-formed request id is taken over, anything else is replaced", () => {
  expect(requestIdFrom("req-12345678")).toBe("req-12345678");
  for (const bad of [null, "", "short", "with space inside", "x".repeat(129), "new\nline-here", "<script>alert"]) {
    expect(requestIdFrom(bad)).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("an incoming trace is joined under a span of our own", () => {
  const trace = traceFrom("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  expect(trace).toMatchObject({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    parentId: "b7ad6b7169203331",
    sampled: false,
  });
  expect(trace.traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${trace.spanId}-00`);
  expect(trace.spanId).not.toBe("b7ad6b7169203331");
});

test("a malformed traceparent begins a new trace", () => {
  const zeros = `00-${"0".repeat(32)}-b7ad6b7169203331-01`;
  for (const bad of [null, "", "nonsense", zeros, `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`]) {
    const trace = traceFrom(bad);
    expect(trace.parentId).toBeNull();
    expect(trace.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});
