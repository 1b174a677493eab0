import type { Corruption } from "./corruption.ts";
import { goods } from "./goods.ts";
import { money } from "./money.ts";
import { orders } from "./orders.ts";
import { traces } from "./traces.ts";

export const corruptions: readonly Corruption[] = [...orders, ...money, ...goods, ...traces];
