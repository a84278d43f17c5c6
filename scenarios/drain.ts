/**
 * Resolves when the microtask queue is dry: after a turn of the event loop, by `setImmediate` in Node and by a message
 * to ourselves in a browser, where timers of 0 ms are held back.
 */
export function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(null);
    }
  });
}
