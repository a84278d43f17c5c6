import { type FileStore, HostError, type StoredFile } from "../../../core/host.ts";
import { MemoryDisk, MemoryFile, noSuchFile } from "../../../core/storage/memory-disk.ts";

type Operation =
  | "list"
  | "read"
  | "replace"
  | "replaceNow"
  | "open"
  | "rename"
  | "remove"
  | "size"
  | "get"
  | "put"
  | "sync";

/** Files in memory that fail when they are told to. Completions come at once, or one by one when the test asks. */
export class FaultyFiles implements FileStore {
  readonly disk: MemoryDisk;
  /** Answers the code of the error that an operation is to meet, or null. */
  fault: (operation: Operation, name: string) => string | null = () => null;
  /** Completions wait for {@link complete}. */
  isSlow = false;
  /** Operations that were carried out, in their order. */
  readonly done: string[] = [];
  /** Files that are open. */
  openCount = 0;
  private readonly waiting: (() => void)[] = [];
  private isDead = false;

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.disk = disk;
  }

  /** The same disk as another incarnation of the process finds it. What this one still waited for never happens. */
  restarted(): FaultyFiles {
    this.isDead = true;
    return new FaultyFiles(this.disk);
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Lets slow operations happen, oldest first. */
  complete(count = Infinity): void {
    for (let left = count; left > 0 && this.waiting.length > 0; left -= 1) this.waiting.shift()!();
  }

  read(name: string, done: (result: HostError | Uint8Array | null) => void): void {
    this.later(() => done(this.check("read", name) ?? this.disk.find(name)?.copy() ?? null));
  }

  replace(name: string, bytes: Uint8Array, done: (error: HostError | null) => void): void {
    const overtakings = this.overtakings;
    this.later(() => {
      const error = this.check("replace", name);
      if (error === null && !this.overtaken.slice(overtakings).includes(name)) this.disk.replace(name, bytes);
      done(error);
    });
  }

  replaceNow(name: string, bytes: Uint8Array): HostError | null {
    const error = this.check("replaceNow", name);
    if (error !== null) return error;
    this.overtaken.push(name);
    this.disk.replace(name, bytes);
    return null;
  }

  list(): HostError | readonly string[] {
    return this.check("list", "") ?? this.disk.names();
  }

  open(name: string, create: boolean): HostError | StoredFile {
    const error = this.check("open", name);
    if (error !== null) return error;
    const content = create ? this.disk.make(name) : this.disk.find(name);
    if (content === null) return noSuchFile(name);
    const inner = new MemoryFile(content, () => {});
    let isClosed = false;
    this.openCount += 1;
    return {
      size: () => this.check("size", name) ?? inner.size(),
      read: (into, position) => this.check("get", name) ?? inner.read(into, position),
      write: (bytes, position) => {
        const refused = this.check("put", name);
        // A disk that is full takes what it can.
        if (refused !== null) inner.write(bytes.subarray(0, bytes.length >> 1), position);
        return refused ?? inner.write(bytes, position);
      },
      truncate: (size) => inner.truncate(size),
      sync: (done) => {
        // A closed descriptor may mean another file by now.
        const wasClosed = isClosed;
        this.later(() => done(wasClosed ? new HostError("EBADF", "EBADF: sync") : this.check("sync", name)));
      },
      close: () => {
        if (isClosed) throw new Error(`${name} is closed twice`);
        isClosed = true;
        this.openCount -= 1;
      },
    };
  }

  rename(from: string, to: string): HostError | null {
    return this.check("rename", from) ?? this.disk.rename(from, to);
  }

  remove(name: string): HostError | null {
    const error = this.check("remove", name);
    if (error !== null) return error;
    this.overtaken.push(name);
    this.disk.remove(name);
    return null;
  }

  /** Names replaced or removed at once, ever. */
  private readonly overtaken: string[] = [];

  private get overtakings(): number {
    return this.overtaken.length;
  }

  private check(operation: Operation, name: string): HostError | null {
    const code = this.fault(operation, name);
    this.done.push(`${operation} ${name}${code === null ? "" : `: ${code}`}`);
    return code === null ? null : new HostError(code, `${code}: ${operation} '${name}'`);
  }

  private later(act: () => void): void {
    const step = (): void => {
      if (!this.isDead) act();
    };
    if (this.isSlow) this.waiting.push(step);
    else step();
  }
}
