import { afterAll } from "bun:test";
import postgres from "postgres";
import { type DatabaseConnection, migrateDatabase, openDatabase } from "../platform/db/index.ts";

/** Where tests find their Postgres; a superuser on a database that others are created beside. */
const adminUrl = process.env.TEST_DATABASE_URL ?? "postgres://postgres:stoa@127.0.0.1:25432/postgres";
/** Whoever waits in a crowd of a test waits for all before it; on a busy machine none of them may be sent away for that. */
const unhurried = { statementTimeoutMs: 50_000, lockTimeoutMs: 50_000 };
const TEMPLATE = `stoa_template_${process.pid}`;
let template: Promise<void> | undefined;
let counter = 0;

export type TestDatabase = DatabaseConnection & { readonly url: string };

/** A fresh, migrated database of its own for one test file (or test); dropped when disposed. */
export async function testDatabase(): Promise<TestDatabase> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  template ??= createTemplate(admin);
  await template;
  counter += 1;
  const name = `stoa_test_${process.pid}_${counter}`;
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  const url = databaseUrl(name);
  const connection = openDatabase({ url, poolSize: 20, ...unhurried, applicationName: "test" });
  return {
    ...connection,
    url,
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

/** Such a database for the tests of one file, gone when they are over. To be awaited at the file's top. */
export async function databaseForFile(): Promise<TestDatabase> {
  const database = await testDatabase();
  afterAll(() => database[Symbol.asyncDispose]());
  return database;
}

async function createTemplate(admin: postgres.Sql): Promise<void> {
  await admin.unsafe(`drop database if exists ${TEMPLATE} with (force)`);
  await admin.unsafe(`create database ${TEMPLATE}`);
  await migrateDatabase(databaseUrl(TEMPLATE));
}

function databaseUrl(name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
