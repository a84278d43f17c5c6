import type { Scenario } from "../../sim/scenario/types.ts";
import { addressKnownOnlyInside } from "./address-known-only-inside.ts";
import { attemptsAcrossClients } from "./attempts-across-clients.ts";
import { backlogAtRestart } from "./backlog-at-restart.ts";
import { blackholedConnect } from "./blackholed-connect.ts";
import { blockedEventLoop } from "./blocked-event-loop.ts";
import { bufferedOutputRunsTheClock } from "./buffered-output-runs-the-clock.ts";
import { clockStepsBack } from "./clock-steps-back.ts";
import { consumerCrashMidHandler } from "./consumer-crash-mid-handler.ts";
import { deadLetterAfterFinish } from "./dead-letter-after-finish.ts";
import { deadLetterBeforeFinish } from "./dead-letter-before-finish.ts";
import { dedupWindowTooShort } from "./dedup-window-too-short.ts";
import { delayLostOnDisk } from "./delay-lost-on-disk.ts";
import { deletedTopicComesBack } from "./deleted-topic-comes-back.ts";
import { diskFull } from "./disk-full.ts";
import { diskLost } from "./disk-lost.ts";
import { effectInOneTransaction } from "./effect-in-one-transaction.ts";
import { effectMarkedAfter } from "./effect-marked-after.ts";
import { effectMarkedBefore } from "./effect-marked-before.ts";
import { ephemeralOverflow } from "./ephemeral-overflow.ts";
import { fewerSlotsThanNsqds } from "./fewer-slots-than-nsqds.ts";
import { halfOpenLink } from "./half-open-link.ts";
import { handlerSlowerThanTimeout } from "./handler-slower-than-timeout.ts";
import { happyPath } from "./happy-path.ts";
import { killBeforeFirstSync } from "./kill-before-first-sync.ts";
import { killKeepsTheDisk } from "./kill-keeps-the-disk.ts";
import { killLosesMemory } from "./kill-loses-memory.ts";
import { lateFinFinishesSecondRun } from "./late-fin-finishes-second-run.ts";
import { lateSecondChannel } from "./late-second-channel.ts";
import { lookupdRestartsEmpty } from "./lookupd-restarts-empty.ts";
import { lostFin } from "./lost-fin.ts";
import { lostOk } from "./lost-ok.ts";
import { mpubHalfStored } from "./mpub-half-stored.ts";
import { newNsqdCutOff } from "./new-nsqd-cut-off.ts";
import { newNsqdKnownTopic } from "./new-nsqd-known-topic.ts";
import { noDescriptorsToRead } from "./no-descriptors-to-read.ts";
import { orderKeptByVersions } from "./order-kept-by-versions.ts";
import { orderKeptInMemory } from "./order-kept-in-memory.ts";
import { pauseSurvivesKill } from "./pause-survives-kill.ts";
import { pausedConsumer } from "./paused-consumer.ts";
import { pipelinedNeighbours } from "./pipelined-neighbours.ts";
import { poisonBrake } from "./poison-brake.ts";
import { powerLossDropsPageCache } from "./power-loss-drops-page-cache.ts";
import { priorityTopics } from "./priority-topics.ts";
import { producerFailOver } from "./producer-fail-over.ts";
import { reconnectStormInBackoff } from "./reconnect-storm-in-backoff.ts";
import { requeueBeyondTheLimit } from "./requeue-beyond-the-limit.ts";
import { restartForgetsDelays } from "./restart-forgets-delays.ts";
import { retryInProcess } from "./retry-in-process.ts";
import { rollingDeploy } from "./rolling-deploy.ts";
import { samplingDiscards } from "./sampling-discards.ts";
import { seckillBurst } from "./seckill-burst.ts";
import { smallerFilesAfterRestart } from "./smaller-files-after-restart.ts";
import { tooManyChannels } from "./too-many-channels.ts";
import { touchToTheCeiling } from "./touch-to-the-ceiling.ts";
import { wrongBroadcastAddress } from "./wrong-broadcast-address.ts";
import { zombieRegistration } from "./zombie-registration.ts";

/** Every scenario of the catalogue, in the order of their numbers. */
export const CATALOGUE: readonly Scenario[] = [
  happyPath,
  consumerCrashMidHandler,
  lostFin,
  halfOpenLink,
  lostOk,
  pipelinedNeighbours,
  producerFailOver,
  blackholedConnect,
  handlerSlowerThanTimeout,
  touchToTheCeiling,
  lateFinFinishesSecondRun,
  lateSecondChannel,
  newNsqdKnownTopic,
  newNsqdCutOff,
  backlogAtRestart,
  lookupdRestartsEmpty,
  zombieRegistration,
  deletedTopicComesBack,
  addressKnownOnlyInside,
  wrongBroadcastAddress,
  blockedEventLoop,
  pausedConsumer,
  fewerSlotsThanNsqds,
  reconnectStormInBackoff,
  tooManyChannels,
  poisonBrake,
  seckillBurst,
  requeueBeyondTheLimit,
  pauseSurvivesKill,
  bufferedOutputRunsTheClock,
  samplingDiscards,
  killLosesMemory,
  killKeepsTheDisk,
  killBeforeFirstSync,
  powerLossDropsPageCache,
  restartForgetsDelays,
  delayLostOnDisk,
  diskFull,
  mpubHalfStored,
  noDescriptorsToRead,
  smallerFilesAfterRestart,
  ephemeralOverflow,
  diskLost,
  clockStepsBack,
  effectMarkedBefore,
  effectMarkedAfter,
  effectInOneTransaction,
  dedupWindowTooShort,
  deadLetterAfterFinish,
  deadLetterBeforeFinish,
  priorityTopics,
  orderKeptInMemory,
  orderKeptByVersions,
  retryInProcess,
  rollingDeploy,
  attemptsAcrossClients,
];

/** The scenario of that name or catalogue number (`lost-fin`, `S03`), or null. */
export function findScenario(name: string): Scenario | null {
  const wanted = name.toLowerCase();
  return CATALOGUE.find((one) => one.name === wanted || one.catalogue?.toLowerCase() === wanted) ?? null;
}
