import type { Host } from "../../host.ts";
import type { NsqdOptions, Profile } from "../options.ts";
import type { DeadlinePolicy } from "./deadlines.ts";
import { ExactDeadlines } from "./exact.ts";
import { LotteryDeadlines } from "./lottery.ts";
import { type ClientPicker, type Pickable, RandomPicker, RoundRobinPicker } from "./picker.ts";

/** What NSQ leaves open, decided. Chosen once, when a broker starts. */
export interface Policies {
  readonly deadlines: DeadlinePolicy;
  newPicker<T extends Pickable<T>>(): ClientPicker<T>;
}

const PROFILES: Readonly<Record<Profile, (host: Host, options: NsqdOptions) => Policies>> = {
  exact: (host) => ({
    deadlines: new ExactDeadlines(host),
    newPicker: <T extends Pickable<T>>() => new RoundRobinPicker<T>(),
  }),
  "nsqd-1.3": (host, options) => ({
    deadlines: new LotteryDeadlines(host, options.queueScanSelectionCount),
    newPicker: <T extends Pickable<T>>() => new RandomPicker<T>(host.random("nsqd-picker")),
  }),
};

/** The policies of the profile that the options name. */
export function startPolicies(host: Host, options: NsqdOptions): Policies {
  return PROFILES[options.profile](host, options);
}
