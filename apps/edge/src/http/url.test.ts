import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { keys } from "@stoa/read-models";
import { type EdgeUnderTest, edgeUnderTest } from "../testing/edge-under-test.ts";
import { pathAndQuery, urlOf } from "./url.ts";

let edge: EdgeUnderTest;
beforeAll(async () => {
  edge = await edgeUnderTest();
  await edge.seedShop();
  await edge.seed(keys.product("USD", "lamp"), { title: "Lamp" });
});
afterAll(() => edge[Symbol.asyncDispose]());

/** The answer to a request as it is written, byte for byte. */
function answerTo(path: string, host: string): Promise<string> {
  const { hostname, port } = new URL(edge.listen());
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (piece) => {
      text += piece;
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}

test("what stands in Host changes no answer, be it the name of a host or not", async () => {
  const told = async (path: string, host: string) => {
    const answer = await answerTo(path, host);
    return [answer.slice(9, 12), /"(?:title|code)":"\w+"/.exec(answer)?.[0]];
  };
  for (const host of [
    "shop.example",
    "",
    "a b/<>",
    "evil/v1/products/lamp?",
    "evil#",
    "a@b",
    "x:99999",
    "x:abc",
    "\u00fc",
  ]) {
    expect([host, await told("/v1/products/lamp", host)]).toEqual([host, ["200", '"title":"Lamp"']]);
    expect([host, await told("/v1/products/lamp?unknown=//y/v1/nothing", host)]).toEqual([
      host,
      ["200", '"title":"Lamp"'],
    ]);
    expect([host, await told("/v1/products/none?unknown=//y/v1/products/lamp", host)]).toEqual([
      host,
      ["404", '"code":"not_found"'],
    ]);
    expect([host, await told("/v1/me", host)]).toEqual([host, ["401", '"code":"unauthenticated"']]);
    expect([host, await told("/v1/auth/nothing", host)]).toEqual([host, ["404", '"code":"not_found"']]);
    expect([host, await told("/v1//me", host)]).toEqual([host, ["404", '"code":"not_found"']]);
  }
});

test("an address is read with a host, without one, and with one that is none", () => {
  for (const origin of ["http://shop.example", "", "http://x:abc", "https://[::1]:8080"]) {
    expect(pathAndQuery(`${origin}/v1/a?b=//c/d`)).toBe("/v1/a?b=//c/d");
    expect(urlOf({ url: `${origin}/v1/a?b=//c/d` })).toMatchObject({ pathname: "/v1/a", search: "?b=//c/d" });
    expect(urlOf({ url: `${origin}//evil/v1` }).pathname).toBe("//evil/v1");
  }
});
