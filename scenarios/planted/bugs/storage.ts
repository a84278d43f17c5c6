import type { PlantedBug } from "../bug.ts";

/** On the way to disk and back. */
export const STORAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "attempts-are-not-written",
    file: "core/nsqd/backend.ts",
    why: "a record is the message as it was published",
    edits: [{ find: "const count = attempts === null ? 0 : attempts[index]!;", replace: "const count = 0;" }],
    scenario: "warehouse",
    caught: ["P8"],
  },
  {
    name: "the-next-file-is-read-from-the-block-of-the-last",
    file: "core/storage/reader.ts",
    why: "the file is closed, what was read ahead of it stays",
    edits: [{ find: "    this.rest();\n    this.file?.close();", replace: "    this.file?.close();" }],
    scenario: "warehouse",
    caught: ["P2"],
  },
  {
    name: "the-record-that-does-not-fit-is-skipped",
    file: "core/storage/writer.ts",
    why: "after the roll the loop goes on with the next record",
    edits: [
      {
        find: "      if (this.failure === null) next = end;",
        replace: "      if (this.failure === null) next = end === next ? next + 1 : end;",
      },
    ],
    scenario: "warehouse",
    caught: ["P2"],
  },
  {
    name: "after-a-crash-the-tail-is-written-over",
    file: "core/storage/recovery.ts",
    why: "the writer goes on where the state file says",
    edits: [
      {
        find: "  if (size === state.writeAt || (size < state.writeAt && !policy.guardsState)) return false;",
        replace: "  if (size === size) return false;",
      },
    ],
    scenario: "blackout",
    caught: ["P3"],
  },
  {
    name: "reading-does-not-lower-the-depth",
    file: "core/storage/diskqueue.ts",
    why: "the counter drifts (go-diskqueue#42)",
    edits: [{ find: "    state.depth -= 1;\n", replace: "" }],
    scenario: "warehouse",
    caught: ["P16"],
  },
  {
    name: "a-file-read-to-its-end-is-condemned",
    file: "core/storage/diskqueue.ts",
    why: "the reader catches up as the writer rolls, and takes the end for damage",
    edits: [
      {
        find: "      if (state.readAt >= reader.size) this.nextFile();",
        replace: "      if (state.readAt > reader.size) this.nextFile();",
      },
      {
        find: "if (isComplete && state.readAt >= reader.size && this.settings.policy.removesReadFiles) {",
        replace: "if (isComplete && state.readAt > reader.size && this.settings.policy.removesReadFiles) {",
      },
      {
        find: "    state.readFile += 1;\n    state.readAt = 0;\n    this.moveSafe();",
        replace: "    state.readFile += 2;\n    state.readAt = 0;\n    this.moveSafe();",
      },
    ],
    scenario: "warehouse",
    caught: ["P2"],
  },
  {
    name: "the-state-is-saved-before-the-data",
    file: "core/storage/keeper.ts",
    why: "both are synced, in the wrong order: a loss of power in between leaves a state of records that are not",
    edits: [
      {
        find: "    if (name === undefined) return this.syncFile(files, 0, state);",
        replace: `    if (name === undefined) this.syncFile([], 0, state);
    if (name === undefined) return void this.host.timer(this.host.now() + 10_000, () => {
      for (const { file, isLeft } of files) file.sync(() => (isLeft ? file.close() : undefined));
    });`,
      },
    ],
    scenario: "blackout",
    caught: ["P3"],
  },
  {
    name: "the-data-is-never-synced",
    file: "core/storage/keeper.ts",
    why: "writing is taken for keeping",
    edits: [
      {
        find: "    if (name === undefined) return this.syncFile(files, 0, state);",
        replace: `    if (name === undefined) {
      for (const { file, isLeft } of files) if (isLeft) file.close();
      return this.syncFile([], 0, state);
    }`,
      },
    ],
    scenario: "blackout",
    caught: ["P3"],
  },
  {
    name: "a-stop-forgets-the-memory-queue",
    file: "core/nsqd/backlog.ts",
    why: "queues on disk are closed in order, and nobody writes what is in front of them",
    edits: [
      { find: "      this.spill(memory.peekFirst(), numbersAreAttempts ? memory.peekSecond() : 0);\n", replace: "" },
    ],
    scenario: "warehouse",
    caught: ["P2"],
  },
];
