import type { PlantedBug } from "../bug.ts";
import { BROKER_BUGS } from "./broker.ts";
import { CHANNEL_BUGS } from "./channel.ts";
import { CLIENT_BUGS } from "./client.ts";
import { NSQLOOKUPD_BUGS } from "./nsqlookupd.ts";
import { STORAGE_BUGS } from "./storage.ts";
import { TOPIC_BUGS } from "./topic.ts";

/** Every planted bug, by the part it is in. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...CHANNEL_BUGS,
  ...TOPIC_BUGS,
  ...BROKER_BUGS,
  ...STORAGE_BUGS,
  ...CLIENT_BUGS,
  ...NSQLOOKUPD_BUGS,
];
