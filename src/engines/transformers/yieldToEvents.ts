/**
 * Lets messages and aborts arrive. A forward pass blocks its thread and its promise resolves without a turn
 * of the event loop; a timer would cost 4 ms each time in a browser.
 */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
