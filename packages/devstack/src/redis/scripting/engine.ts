import { Block, type CommandContext, type ScriptRunner } from "../command.ts";
import { findCommand, runCommand } from "../commands/index.ts";
import { SCRIPTS_MAX } from "../limits.ts";
import { RedisError, type Reply } from "../reply.ts";
import { LuaMachine } from "./machine.ts";

/** Keeps scripts by their SHA-1 and runs them, one at a time by nature. */
export class ScriptEngine implements ScriptRunner {
  /** SHA-1 → where the compiled script lies in the machine. */
  readonly #scripts = new Map<string, number>();
  #machine: LuaMachine | null = null;

  load(source: string): string {
    const sha = new Bun.CryptoHasher("sha1").update(Buffer.from(source, "latin1")).digest("hex");
    if (this.#scripts.has(sha)) return sha;
    // Callers that build a new text for every call would otherwise fill the memory; EVALSHA of a forgotten one says so.
    if (this.#scripts.size >= SCRIPTS_MAX) this.forget();
    this.#scripts.set(sha, this.#vm().compile(source));
    return sha;
  }

  exists(sha: string): boolean {
    return this.#scripts.has(sha.toLowerCase());
  }

  forget(): void {
    for (const reference of this.#scripts.values()) this.#machine?.release(reference);
    this.#scripts.clear();
  }

  run(sha: string, context: CommandContext, keys: readonly string[], argv: readonly string[]): Reply {
    const reference = this.#scripts.get(sha);
    if (reference === undefined) throw new RedisError("NOSCRIPT No matching script. Please use EVAL.");
    return this.#vm().run(reference, { sha, keys, argv, invoke: (words) => invoke(context, words) });
  }

  #vm(): LuaMachine {
    this.#machine ??= new LuaMachine();
    return this.#machine;
  }
}

function invoke(context: CommandContext, words: readonly string[]): Reply {
  const command = findInScript(words);
  if (!command.scriptable) throw new RedisError("ERR This Redis command is not allowed from script");
  const reply = runCommand(command, context, words);
  // Nobody waits inside a script: a blocking command answers what it has, or that there is nothing.
  if (reply instanceof Block) return reply.attempt() ?? reply.timeoutReply;
  return reply ?? null;
}

function findInScript(words: readonly string[]) {
  try {
    return findCommand(words);
  } catch (error) {
    const message = error instanceof RedisError ? error.message : "";
    if (message.startsWith("ERR unknown command")) {
      throw new RedisError("ERR Unknown Redis command called from script");
    }
    if (message.startsWith("ERR wrong number")) {
      throw new RedisError("ERR Wrong number of args calling Redis command from script");
    }
    throw error;
  }
}
