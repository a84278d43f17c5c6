/** What a disk queue does where go-diskqueue has known flaws (diskqueue §7, §11). */
export interface DiskQueuePolicy {
  /**
   * The state file is there before the first record; bytes beyond the writer's position are cut off before it writes;
   * and after a crash what was written beyond the saved state is counted, a torn last record cut off. Without all this
   * what was written before the first sync is ignored after a crash, and may come back as ghosts later.
   */
  readonly guardsState: boolean;
  /** A file that was read to its end before the writer left it is removed. Else it stays for ever, renamed to `.bad`. */
  readonly removesReadFiles: boolean;
  /** After an error that says nothing about the file (too many open files, …) reading is tried again later. */
  readonly retriesReading: boolean;
  /** Of records that are written together and do not all find room, the first ones are stored. Else none of them is. */
  readonly storesPartly: boolean;
}

/** go-diskqueue 1.1.0 as it is. */
export const GO_DISKQUEUE: DiskQueuePolicy = {
  guardsState: false,
  removesReadFiles: false,
  retriesReading: false,
  storesPartly: true,
};

/** The same files, without the flaws. */
export const REPAIRED: DiskQueuePolicy = {
  guardsState: true,
  removesReadFiles: true,
  retriesReading: true,
  storesPartly: false,
};
