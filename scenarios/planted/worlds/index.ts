import type { Scenario } from "../../../sim/scenario/types.ts";
import { blackout } from "./blackout.ts";
import { branches } from "./branches.ts";
import { directory } from "./directory.ts";
import { office } from "./office.ts";
import { shop } from "./shop.ts";
import { straw } from "./straw.ts";
import { warehouse } from "./warehouse.ts";

/** The scenarios that planted bugs are shown in. Without a bug they pass. */
export const WORLDS: readonly Scenario[] = [shop, warehouse, blackout, branches, directory, office, straw];
