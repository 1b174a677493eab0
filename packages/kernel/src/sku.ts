/** Wherever a SKU comes in: what the catalog takes has to be bought, sent and taken back as well. */
export const SKU_LENGTH_MAX = 100;
