import type { Host } from "../../host.ts";
import type { NsqdOptions, Profile } from "../options.ts";
import { GO_DISKQUEUE, REPAIRED } from "../../storage/policy.ts";
import { type BacklogPolicy, eitherAtRandom, isOlder } from "./backlog.ts";
import { type ClosingPolicy, ImmediateClose, LingeringClose } from "./closing.ts";
import type { DeadlinePolicy } from "./deadlines.ts";
import { ExactDeadlines } from "./exact.ts";
import { LotteryDeadlines } from "./lottery.ts";
import { NearestPicker, type Placed, prefersNear } from "./nearest.ts";
import { type ClientPicker, RandomPicker, RoundRobinPicker } from "./picker.ts";

/** What NSQ leaves open, decided. Chosen once, when a broker starts. */
export interface Policies extends BacklogPolicy {
  readonly deadlines: DeadlinePolicy;
  readonly closing: ClosingPolicy;
  newPicker<T extends Placed<T>>(): ClientPicker<T>;
  /** nsqd.dat is saved again and again until that works. Else not before the next change. */
  readonly savesMetadataAgain: boolean;
  /** Publishers wait while ids would run ahead of the wall clock. Else they do (nsqd-semantics §9). */
  readonly waitsForIds: boolean;
  /**
   * A message whose id another has that is in flight waits until that one has left. Else it is sent at once and not
   * known to be in flight (nsqd-semantics §1.5).
   */
  readonly separatesTwins: boolean;
}

const PROFILES: Readonly<Record<Profile, (host: Host, options: NsqdOptions) => Policies>> = {
  exact: (host) => ({
    deadlines: new ExactDeadlines(host),
    closing: new LingeringClose(host),
    newPicker: <T extends Placed<T>>() => new RoundRobinPicker<T>(),
    diskQueue: REPAIRED,
    holdsUnwritten: true,
    holdsDelayed: true,
    savesMetadataAgain: true,
    waitsForIds: false,
    separatesTwins: true,
    isMemoryNext: isOlder,
  }),
  "nsqd-1.3": (host, options) => ({
    deadlines: new LotteryDeadlines(host, options.queueScanSelectionCount),
    closing: new ImmediateClose(host),
    newPicker: <T extends Placed<T>>() => new RandomPicker<T>(host.random("nsqd-picker")),
    diskQueue: GO_DISKQUEUE,
    holdsUnwritten: false,
    holdsDelayed: false,
    savesMetadataAgain: false,
    waitsForIds: true,
    separatesTwins: false,
    isMemoryNext: eitherAtRandom(host.random("nsqd-source")),
  }),
};

/** The policies of the profile that the options name, with the experiments they ask for. */
export function startPolicies(host: Host, options: NsqdOptions): Policies {
  const policies = PROFILES[options.profile](host, options);
  if (!prefersNear(options)) return policies;
  return { ...policies, newPicker: <T extends Placed<T>>() => new NearestPicker<T>(() => policies.newPicker<T>()) };
}
