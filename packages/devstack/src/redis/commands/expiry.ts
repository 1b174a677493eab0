import type { Args } from "../arguments.ts";
import { RedisError } from "../reply.ts";

/** Turns the options EX, PX, EXAT and PXAT into a moment, ms since the epoch. Null when the word is none of them. */
export function expiryOption(option: string, args: Args, index: number, context: { command: string; now: number }) {
  switch (option) {
    case "EX":
      return context.now + positive(args.int(index), context.command) * 1000;
    case "PX":
      return context.now + positive(args.int(index), context.command);
    case "EXAT":
      return positive(args.int(index), context.command) * 1000;
    case "PXAT":
      return positive(args.int(index), context.command);
    default:
      return null;
  }
}

function positive(number: number, command: string): number {
  // A hundred thousand years hence is no longer a time to live but a mistake, and would overflow.
  if (number <= 0 || number > 3e15) throw new RedisError(`ERR invalid expire time in '${command}' command`);
  return number;
}
