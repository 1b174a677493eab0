import { pgSchema } from "drizzle-orm/pg-core";

export const orders = pgSchema("orders");
