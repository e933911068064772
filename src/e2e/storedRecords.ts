import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';

/** Number and SHA-256 of the records in each of the app's databases, to see that nothing changed. */
export async function storedRecords(page: Page): Promise<Record<string, string>> {
  const texts = await page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(request.error?.message));
      });
    const read = async ({ name = '' }: IDBDatabaseInfo): Promise<[string, number, string]> => {
      const database = await settled(indexedDB.open(name));
      const objects = database.transaction('records').objectStore('records');
      const keys = await settled(objects.getAllKeys());
      const records = await settled(objects.getAll());
      database.close();
      return [name, keys.length, JSON.stringify([keys, records])];
    };
    return Promise.all((await indexedDB.databases()).map(read));
  });
  const filled = texts.filter(([, count]) => count > 0).sort();
  return Object.fromEntries(
    filled.map(([name, count, text]) => [
      name,
      `${count}, ${createHash('sha256').update(text).digest('hex')}`,
    ]),
  );
}
