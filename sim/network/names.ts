import { assert } from "../../core/assert.ts";

/** Which names a process cannot resolve. */
export class HiddenNames {
  private readonly hidden: { readonly from: string; readonly name: string; readonly missed: () => void }[] = [];

  /** `missed` is called when `from` asks for the name, in vain. Returns what ends it. */
  hide(from: string, name: string, missed: () => void): () => void {
    const entry = { from, name, missed };
    this.hidden.push(entry);
    return () => {
      const index = this.hidden.indexOf(entry);
      assert(index >= 0, "a name is shown again once");
      this.hidden.splice(index, 1);
    };
  }

  /** Whether `from` finds the name. */
  resolves(from: string, name: string): boolean {
    let found = true;
    for (const entry of this.hidden) {
      if (entry.from !== from || entry.name !== name) continue;
      entry.missed();
      found = false;
    }
    return found;
  }
}
