import { Redis } from "ioredis";

/** Databases of the test Redis for tests that cannot give their keys a prefix; other suites have the ones behind them. */
const DATABASES = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const HELD_SECONDS = 3_600;
/** KEYS[1] = holder of a database, ARGV = who held it or "", who takes it, seconds. Answers whether it was still so. */
const TAKE_LUA = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1`;

let own: Promise<number> | undefined;

/** The number of a database that this process has to itself until it ends: tests run beside others on one Redis. */
export function ownDatabase(redisUrl: string): Promise<number> {
  own ??= claim(redisUrl);
  return own;
}

async function claim(redisUrl: string): Promise<number> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  try {
    for (const database of DATABASES) {
      const key = `test:holder-of-database:${database}`;
      const holder = (await redis.get(key)) ?? "";
      if (holder !== "" && isRunning(Number(holder))) continue;
      if ((await redis.eval(TAKE_LUA, 1, key, holder, process.pid, HELD_SECONDS)) === 1) return database;
    }
    throw new Error("every database of the test Redis is held by a process that runs");
  } finally {
    redis.disconnect();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
