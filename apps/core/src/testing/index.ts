export { codeOf } from "./code-of.ts";
export { databaseForFile, type TestDatabase, testDatabase } from "./database.ts";
export { eventually } from "./eventually.ts";
export { aField, defineFields, noFields, noTargets } from "./fields.ts";
export { movableClock } from "./movable-clock.ts";
export { testRedis } from "./redis.ts";
