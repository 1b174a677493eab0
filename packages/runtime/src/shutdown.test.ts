import { expect, test } from "bun:test";

/** Runs the module in a process of its own, signals it when it says "ready", answers exit code and output. */
async function signalled(stop: string, signals: number): Promise<{ code: number; output: string }> {
  const script = `
    import { runUntilSignal, silentLogger } from ${JSON.stringify(new URL("./index.ts", import.meta.url).pathname)};
    const running = runUntilSignal({ stop: ${stop}, deadlineMs: 200, logger: silentLogger });
    setInterval(() => {}, 1000);
    console.log("ready");
    await running;
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  let output = "";
  let sent = 0;
  for await (const chunk of child.stdout) {
    output += new TextDecoder().decode(chunk);
    if ((output.includes("ready") && sent === 0) || (output.includes("stopping") && sent < signals)) {
      child.kill("SIGTERM");
      sent += 1;
    }
  }
  return { code: await child.exited, output };
}

test("a signal stops the app and the process ends with 0", async () => {
  const { code, output } = await signalled('async () => { console.log("closed"); }', 1);
  expect(output).toContain("closed");
  expect(code).toBe(0);
});

test("an app that does not stop in time, or fails to, ends with 1", async () => {
  expect((await signalled("() => new Promise(() => {})", 1)).code).toBe(1);
  expect((await signalled('async () => { throw new Error("no"); }', 1)).code).toBe(1);
});

test("a second signal ends the process at once", async () => {
  const { code } = await signalled('() => { console.log("stopping"); return new Promise(() => {}); }', 2);
  expect(code).toBe(1);
});
