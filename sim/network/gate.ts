/** Told when something wants to connect and is kept from it. */
type Met = () => void;

/** What stands before the connections that are to be made on a link; those that there are pass it no more. */
export class Gate {
  private readonly refusing: Met[] = [];
  private readonly holding: Met[] = [];
  private held: (() => void)[] = [];

  /** Who wants to connect is refused. Returns what ends it. */
  refuse(met: Met): () => void {
    this.refusing.push(met);
    return () => {
      this.refusing.splice(this.refusing.indexOf(met), 1);
    };
  }

  /** Who wants to connect hears nothing. Returns what ends it: then all of them try again. */
  hold(met: Met): () => void {
    this.holding.push(met);
    return () => {
      this.holding.splice(this.holding.indexOf(met), 1);
      if (this.holding.length > 0) return;
      const { held } = this;
      this.held = [];
      for (const again of held) again();
    };
  }

  /** Somebody wants to connect. `again` is called when it may try anew after being held. */
  pass(again: () => void): "open" | "refused" | "held" {
    if (this.holding.length > 0) {
      this.held.push(again);
      for (const met of this.holding) met();
      return "held";
    }
    for (const met of this.refusing) met();
    return this.refusing.length > 0 ? "refused" : "open";
  }
}
