import type { Mutant } from "./mutant.ts";
import { orderMutants } from "./order-mutants.ts";
import { paymentMutants } from "./payment-mutants.ts";
import { sagaMutants } from "./saga-mutants.ts";
import { stockMutants } from "./stock-mutants.ts";

/** Every mistake that the tests or the explorer must notice. */
export const mutants: readonly Mutant[] = [...sagaMutants, ...stockMutants, ...paymentMutants, ...orderMutants];
