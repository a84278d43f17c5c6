/** The states that were seen, and where their moves lead: as far as it is known without making them. */
export class StateGraph {
  /** By key: place in the lists below. */
  private readonly places = new Map<number, number>();
  /** Keys that the moves of each state lead to. A state at the end of the choices has none. */
  private readonly successors: number[][] = [];
  private readonly cached: number[] = [];
  /** Moves of the states seen. */
  transitions = 0;
  /** Visits beyond the first. */
  revisits = 0;

  get states(): number {
    return this.places.size;
  }

  /** A state was reached; its possible moves lead to these. */
  visit(key: number, successors: number[]): void {
    if (this.places.has(key)) {
      this.revisits += 1;
      return;
    }
    this.places.set(key, this.successors.length);
    this.successors.push(successors);
    this.transitions += successors.length;
  }

  /** Moves that lead to a state that was not seen: none, when everything was explored. */
  unseen(): number {
    let unseen = 0;
    for (const successors of this.successors) for (const key of successors) if (!this.places.has(key)) unseen += 1;
    return unseen;
  }

  /** In how many orders the moves can be made from the first state to an end. Only when nothing is unseen. */
  orders(): number {
    return this.successors.length === 0 ? 0 : this.ordersFrom(0);
  }

  private ordersFrom(place: number): number {
    const known = this.cached[place];
    if (known !== undefined) return known;
    const successors = this.successors[place]!;
    const orders =
      successors.length === 0 ? 1 : successors.reduce((sum, next) => sum + this.ordersFrom(this.places.get(next)!), 0);
    this.cached[place] = orders;
    return orders;
  }
}
