import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@stoa/kernel";
import type { StockLevelLine } from "../services/inventory/index.ts";
import { runStock } from "./stock.ts";

async function stockCommand(csv: string, ...args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "stoa-stock-"));
  const file = join(folder, "stock.csv");
  await Bun.write(file, csv);
  const texts: string[] = [];
  const set: StockLevelLine[] = [];
  try {
    const code = await runStock([file, ...args], {
      clock: systemClock,
      output: { isTerminal: false, write: (text) => void texts.push(text) },
      setStock: async (lines) => {
        set.push(...lines);
        const refused = lines
          .filter((line) => line.locationCode === "moon")
          .map(({ sku }) => ({ sku, locationCode: "moon", reason: "location_unknown" as const }));
        return { applied: lines.length - refused.length, refused };
      },
    });
    return { code, text: texts.join(""), set };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("stoa stock sets good lines and lists those it left out, by line or by SKU", async () => {
  const { code, text, set } = await stockCommand(
    'SKU,on_hand,location\nA-1,5,\n"B, 2",7,annex\nC-3,many,annex\nD-4,1,moon\n,3,\n',
  );
  expect(set).toEqual([
    { sku: "A-1", onHand: 5 },
    { sku: "B, 2", onHand: 7, locationCode: "annex" },
    { sku: "D-4", onHand: 1, locationCode: "moon" },
  ]);
  expect(code).toBe(1);
  expect(text).toContain("line 4: on_hand must be a whole number");
  expect(text).toContain("line 6: sku is missing");
  expect(text).toContain("D-4 at moon: there is no such location");
});

test("a file without the columns that it needs is refused before anything is set, and an empty cell is told by its line", async () => {
  for (const csv of ["sku,location,quantity\nA-1,main,5\n", "\u0000garbage", ""]) {
    await expect(stockCommand(csv)).rejects.toThrow(/^the file has no column (sku, )?on_hand$/);
  }
  expect((await stockCommand("sku,on_hand\nA-1\n")).text).toContain("line 2: on_hand is missing\n");
});

test("a dry run writes nothing, and wrong arguments are told from files that cannot be read", async () => {
  const dry = await stockCommand("sku,on_hand\nA-1,5\n", "--dry-run");
  expect(dry).toMatchObject({ code: 0, set: [] });
  expect(dry.text).toContain("nothing was written");
  expect((await stockCommand("", "and-another")).code).toBe(2);
  expect((await stockCommand("sku,on_hand\n", "--help")).text).toStartWith("Usage: stoa stock");
});
