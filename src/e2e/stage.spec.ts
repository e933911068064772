import type { Page } from '@playwright/test';
import { installMaria } from './checkpointSteps.ts';
import { faultsOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { setNumber, tabTo } from './keyboard.ts';

/** The embedded model loads and gives a few short answers; on busy cores that takes its time. */
const answersMs = 150_000;
test.setTimeout(400_000);

/** The talk that is there before another is made. */
const stageAddress = './#/stage/eight-questions';
const texts = (page: Page) => page.getByRole('group', { name: /^(What .* says|Answer \d)/ });
const status = (page: Page) => page.locator('header [aria-live]');
const question = (page: Page) => page.getByRole('heading', { level: 1 });

async function goOnStage(page: Page): Promise<void> {
  await page.goto(stageAddress);
  await expect(question(page)).toHaveText(/\?$|harbour/);
}

async function rewordFirst(page: Page, text: string): Promise<void> {
  const first = page.getByRole('textbox', { name: 'Question 1', exact: true });
  await first.fill(text);
  await first.blur();
}

/** Presses Space, and waits for the end of all answers. */
async function speak(page: Page, key = ' '): Promise<void> {
  await page.keyboard.press(key);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start' })).toBeVisible({ timeout: answersMs });
}

/** Of the question and of what is said, in pixels. */
async function smallestText(page: Page): Promise<number> {
  const sizes = await page
    .locator('h1, [role=group] > p')
    .evaluateAll((elements) =>
      elements.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
    );
  expect(sizes.length).toBeGreaterThan(1);
  return Math.min(...sizes);
}

/** Looks at the place of every word in every frame, and says by how many pixels one has ever moved. */
async function watchForJumps(page: Page): Promise<() => Promise<{ words: number; worstPx: number }>> {
  await page.evaluate(() => {
    const found = { words: 0, worstPx: 0 };
    const places = new WeakMap<Element, Map<number, DOMRect>>();
    Object.assign(window, { jumps: found });
    const look = (): void => {
      for (const paragraph of document.querySelectorAll('[role=group] > p')) {
        const node = paragraph.firstChild;
        if (!(node instanceof Text)) continue;
        const own = places.get(paragraph) ?? new Map<number, DOMRect>();
        places.set(paragraph, own);
        for (const { index } of node.data.matchAll(/\S+/g)) {
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + 1);
          const now = range.getBoundingClientRect();
          now.y += paragraph.parentElement?.scrollTop ?? 0;
          const before = own.get(index) ?? now;
          own.set(index, before);
          found.worstPx = Math.max(found.worstPx, Math.abs(now.x - before.x), Math.abs(now.y - before.y));
        }
        found.words = Math.max(found.words, own.size);
      }
      requestAnimationFrame(look);
    };
    look();
  });
  return () =>
    page.evaluate(() => (window as unknown as { jumps: { words: number; worstPx: number } }).jumps);
}

test('gives a talk by the keyboard alone', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('./#/stage');
  await tabTo(page, page.getByLabel('Longest answer'));
  await page.keyboard.press('Control+A');
  await page.keyboard.type('16');
  await tabTo(page, page.getByRole('button', { name: 'Go on stage' }));
  await page.keyboard.press('Enter');

  await expect(question(page)).toHaveText('What are you?');
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await page.keyboard.press('6');
  await expect(question(page)).toHaveText('If you are not human, what are you instead?');
  await page.keyboard.press('ArrowRight');
  await expect(question(page)).toHaveText('If you are not an AI, what sort of artificial being are you?');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('1');

  const jumps = await watchForJumps(page);
  await speak(page);
  const live = await texts(page).innerText();
  expect(live).not.toBe('');
  await expect(
    page.getByText(/Mini.*SmolLM2.*dial 1.*temperature 0.8.*seed \d+.*live, (CPU|GPU)/),
  ).toBeVisible();
  const seen = await jumps();
  expect(seen.words).toBeGreaterThan(3);
  expect(seen.worstPx).toBeLessThan(0.5);

  await page.keyboard.press('b');
  await speak(page);
  await expect(texts(page)).toHaveCount(2);
  const [persona, base] = await texts(page).allInnerTexts();
  // The same question with the same seed.
  expect(persona).toBe(live);
  expect(base).not.toBe(persona);

  await page.keyboard.press('e');
  await speak(page);
  await expect(texts(page)).toHaveCount(8);
  const eight = await texts(page).allInnerTexts();
  expect(eight[0]).toBe(live);
  expect(new Set(eight).size).toBeGreaterThan(2);
  expect((await jumps()).worstPx).toBeLessThan(0.5);
  expect(await smallestText(page)).toBeGreaterThanOrEqual(28);
  expect(await faultsOf(page)).toEqual([]);

  await page.keyboard.press('e');
  await page.keyboard.press('r');
  await expect(page.getByText(/seed \d+ · recorded/)).toBeVisible();
  await expect(texts(page)).toHaveText(live);

  await page.keyboard.press('Shift+D');
  await expect(page.getByText('Mini, dial 0.75')).toBeVisible();
  await speak(page);
  await page.keyboard.press('d');
  await expect(texts(page)).toHaveText(live);
  await page.keyboard.press('v');
  await expect(page.getByText('SmolLM2-135M-Instruct, dial 0')).toBeVisible();

  await page.keyboard.press('t');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Stage' })).toBeVisible();
  // Eight of the persona, the first of the base; what was said at another position of the dial is none of the talk's.
  await expect(page.getByText('9 of 128 recorded')).toBeVisible();
});

test('reads at three metres, on every screen', async ({ page }) => {
  await goOnStage(page);
  for (const [width, height] of [
    [1920, 1080],
    [1280, 720],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const key of ['v', 'b', 'e']) {
      await page.keyboard.press(key);
      expect(await smallestText(page), `${key} at ${width}`).toBeGreaterThanOrEqual(28);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(height);
      expect(await faultsOf(page)).toEqual([]);
    }
    await page.keyboard.press('e');
  }
});

test('lets long answers rise by themselves, and no word moves in its line', async ({ page }) => {
  await page.goto('./#/stage');
  await setNumber(page, 'Longest answer', '80');
  await rewordFirst(page, 'Tell me a long story about a lighthouse, a storm and a cat?');
  await page.setViewportSize({ width: 900, height: 420 });
  await goOnStage(page);
  // The base, which tells longer stories.
  await page.keyboard.press('v');
  const jumps = await watchForJumps(page);
  await speak(page);
  const box = texts(page);
  const hidden = () =>
    box.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  expect(await box.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeGreaterThan(0);
  await expect.poll(hidden).toBeLessThan(1);
  expect((await jumps()).worstPx).toBeLessThan(1);
});

test.describe('when the model dies', () => {
  /** Notes down the workers of the page, of which one runs the model. */
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => {
      const workers: Worker[] = [];
      const Real = Worker;
      Object.assign(window, {
        workers,
        Worker: class extends Real {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            workers.push(this);
          }
        },
      });
    });
  });

  /** At the first word that is shown; tells the milliseconds from then until the page says that it is recorded. */
  async function dieWhileSpeaking(page: Page, fault: 'hang' | 'crash'): Promise<number> {
    const noticed = page.evaluate(async (how) => {
      const { workers } = window as unknown as { workers: Worker[] };
      const until = async (isSo: () => boolean): Promise<void> => {
        while (!isSo()) await new Promise((resolve) => requestAnimationFrame(resolve));
      };
      const said = () => document.querySelector('[role=group] > p')?.textContent ?? '';
      await until(() => said() === '');
      await until(() => said() !== '');
      const diedAt = performance.now();
      for (const worker of workers) {
        if (how === 'hang') worker.terminate();
        else worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
      }
      await until(() => /^Recorded\./.test(document.querySelector('header [aria-live]')?.textContent ?? ''));
      return performance.now() - diedAt;
    }, fault);
    await page.keyboard.press(' ');
    return noticed;
  }

  for (const [fault, sentence] of [
    ['hang', 'Recorded. The model stopped answering.'],
    ['crash', 'Recorded. The model was lost.'],
  ] as const) {
    test(`goes on from the recording within two seconds: ${fault}`, async ({ page }) => {
      await goOnStage(page);
      await page.keyboard.press('2');
      await speak(page);
      const live = await texts(page).innerText();
      expect(await dieWhileSpeaking(page, fault)).toBeLessThan(2_000);
      await expect(status(page)).toHaveText(sentence);
      await expect(texts(page)).toHaveText(live, { timeout: answersMs });
      await expect(page.getByText(/· recorded/)).toBeVisible();
      // The model was loaded again for the next question.
      await page.keyboard.press('1');
      await speak(page);
      await expect(page.getByText(/· live/)).toBeVisible();
    });
  }
});

test('goes on from the recording when the GPU is lost', async ({ page }) => {
  // The real worker, whose devices are noted down before it asks for one.
  page.on('worker', (worker) => {
    const noting = worker.evaluate(() => {
      const devices: GPUDevice[] = [];
      Object.assign(globalThis, { devices });
      const requestDevice = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'requestDevice')?.value as (
        this: GPUAdapter,
        options?: GPUDeviceDescriptor,
      ) => Promise<GPUDevice>;
      GPUAdapter.prototype.requestDevice = async function (options) {
        const device = await requestDevice.call(this, options);
        devices.push(device);
        return device;
      };
    });
    // The one that is loaded for the next question may outlive the test.
    noting.catch(() => undefined);
  });
  await installMaria(page);
  await page.goto('./#/stage');
  for (const name of ['Mini', 'SmolLM2-135M-Instruct, dial 0']) {
    if (name !== 'Mini')
      await page.getByLabel('Another voice').selectOption({ label: 'Mistral 7B, persona' });
    await page.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
  }
  await setNumber(page, 'Longest answer', '120');
  await rewordFirst(page, 'Tell me a very long story about a harbour.');
  await goOnStage(page);
  await speak(page);
  const live = await texts(page).innerText();
  await page.keyboard.press(' ');
  // At once: a short answer may be over before an assertion looks again.
  await texts(page).filter({ hasText: /\S/ }).waitFor({ timeout: answersMs });
  const workers = page.workers();
  await Promise.all(
    workers.map((worker) =>
      worker.evaluate(() => {
        const { devices = [] } = globalThis as unknown as { devices?: GPUDevice[] };
        for (const device of devices) device.destroy();
      }),
    ),
  );
  await expect(status(page)).toHaveText('Recorded. The GPU was lost.', { timeout: 2_000 });
  await expect(texts(page)).toHaveText(live, { timeout: answersMs });
});

test('keeps the screen on, and takes the lock again when the page is back', async ({ page }) => {
  await page.addInitScript(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    Object.defineProperty(navigator, 'wakeLock', {
      value: {
        request: async (type: string) => {
          asked.push(type);
          return { release: async () => void asked.push('released') };
        },
      },
    });
  });
  const asked = () => page.evaluate(() => (window as unknown as { asked: string[] }).asked);
  await page.goto('./#/stage');
  await page.getByRole('button', { name: 'Go on stage' }).click();
  await expect.poll(asked).toEqual(['screen']);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(asked).toEqual(['screen', 'screen']);
  await page.keyboard.press('Escape');
  await expect.poll(asked).toContain('released');
});

test('prepares a talk: questions, recordings, and one file for another machine', async ({ page }) => {
  await page.goto('./#/stage');
  const questions = page.getByRole('textbox', { name: /^Question \d/ });
  await expect(questions).toHaveCount(8);
  await page.getByLabel('Another question').fill('Who is your mother?');
  await page.keyboard.press('Enter');
  await expect(questions).toHaveCount(9);
  await page.getByRole('button', { name: 'Move question 9 up' }).click();
  await expect(questions.nth(7)).toHaveValue('Who is your mother?');
  for (let left = 9; left > 2; left -= 1) {
    await page.getByRole('button', { name: left > 8 ? 'Remove question 9' : 'Remove question 1' }).click();
    await expect(questions).toHaveCount(left - 1);
  }
  await questions.first().fill('Where do you live?');
  await questions.first().blur();
  await setNumber(page, 'Answers at once', '2');
  await setNumber(page, 'Longest answer', '8');
  await page.getByLabel('Title').fill('Short talk');
  await page.getByLabel('Title').blur();
  await expect(page.getByText('0 of 8 recorded')).toBeVisible();
  await page.getByRole('button', { name: 'Record all' }).click();
  await expect(page.getByText('8 of 8 recorded')).toBeVisible({ timeout: answersMs });
  await expect(page.getByText('Everything is recorded')).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export the talk' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('short-talk-talk.jsonl');
  const path = await file.path();
  await page.getByRole('button', { name: 'Delete the talk' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete talk' }).click();
  // The first talk is there again.
  await expect(questions).toHaveCount(8);
  await page.locator('input[type=file]').setInputFiles(path);
  await expect(page.getByText(/8 recordings added/)).toBeVisible();
  await expect(questions).toHaveCount(2);
  await expect(page.getByText('8 of 8 recorded')).toBeVisible();

  await page.getByRole('button', { name: 'Go on stage' }).click();
  await page.keyboard.press('e');
  await page.keyboard.press('r');
  await expect(page.getByText(/· recorded|recorded$/).first()).toBeVisible();
  await expect(texts(page)).toHaveCount(2);
});
