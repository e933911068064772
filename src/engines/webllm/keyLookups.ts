/**
 * web-llm asks whether a file is stored by reading all of it: before a load it reads every shard at once, gigabytes
 * that are thrown away. Asking for the key gives the same answer. A read that wants the data sets `oncomplete` on its
 * transaction first; a mere question does not.
 */
export function useKeyLookups(objectStore: typeof IDBObjectStore = IDBObjectStore): void {
  const { prototype } = objectStore;
  const get = Object.getOwnPropertyDescriptor(prototype, 'get')?.value as IDBObjectStore['get'];
  prototype.get = function (this: IDBObjectStore, query) {
    const isQuestion = this.name === 'urls' && this.transaction.oncomplete === null;
    return isQuestion ? this.getKey(query) : get.call(this, query);
  };
}
