/**
 * Lets messages and aborts arrive. A forward pass blocks its thread and its promise resolves without a turn
 * of the event loop; a timer would cost 4 ms each time in a browser.
 */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    // Node's and the browser's types agree on the property, not on its type.
    (port1 as unknown as { onmessage: unknown }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
