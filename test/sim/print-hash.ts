/** Runs the scenario given as JSON and prints the hash of its history: another process must say the same. */
import { simulate } from "../../sim/run.ts";
import { validateScenario } from "../../sim/scenario/validate.ts";

console.log(simulate(validateScenario(JSON.parse(process.argv[2]!)), { judge: false }).hash);
