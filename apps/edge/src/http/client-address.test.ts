import { expect, test } from "bun:test";
import { clientAddress, rateLimitSubject } from "./client-address.ts";

test("without proxies of ours what X-Forwarded-For says is not believed", () => {
  expect(clientAddress("203.0.113.9", "1.1.1.1", 0)).toBe("203.0.113.9");
  expect(clientAddress("::ffff:203.0.113.9", null, 0)).toBe("203.0.113.9");
});

test("as many steps back are believed as there are proxies, and none that the client wrote itself", () => {
  expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9", 1)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "203.0.113.9", 5)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "", 1)).toBe("10.0.0.1");
  expect(clientAddress("10.0.0.1", "6.6.6.6, <script>", 1)).toBe("unknown");
});

test("a port that a proxy has noted beside the address makes no other client of it", () => {
  expect(clientAddress("10.0.0.1", "6.6.6.6:1, 203.0.113.9:51234", 1)).toBe("203.0.113.9");
  expect(clientAddress("10.0.0.1", "[2001:db8::9]:51234", 1)).toBe("2001:db8::9");
  expect(clientAddress("10.0.0.1", "[::ffff:203.0.113.9]:51234", 1)).toBe("203.0.113.9");
});

test("an IPv6 household counts as one, IPv4 addresses each for itself", () => {
  expect(rateLimitSubject("2001:db8:1:2:aaaa::1")).toBe("2001:db8:1:2::/64");
  expect(rateLimitSubject("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe("2001:db8:1:2::/64");
  expect(rateLimitSubject("2001:0db8:0001:0002::9")).toBe("2001:db8:1:2::/64");
  expect(rateLimitSubject("2001:db8:1:3::1")).not.toBe(rateLimitSubject("2001:db8:1:2::1"));
  expect(rateLimitSubject("::1")).toBe("0:0:0:0::/64");
  expect(rateLimitSubject("203.0.113.9")).toBe("203.0.113.9");
});
