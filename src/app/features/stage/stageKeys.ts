import { highestDial } from '../../../core/dial.ts';
import type { StageState } from '../../state/stageState.svelte.ts';

/** What keys and buttons do that is not the talk's own. */
export interface StageScreen {
  readonly toggleFullScreen: () => void;
  readonly toggleTheme: () => void;
  readonly toggleHelp: () => void;
  readonly leave: () => void;
}

export interface StageKey {
  /** As it stands on the keyboard. */
  readonly key: string;
  /** As events name it, each of them; for letters the letter alone. */
  readonly codes: readonly string[];
  readonly label: string;
  /** What it does, in the list of keys. */
  readonly about: string;
  readonly press: () => void;
  /** On or off, where it is a state. */
  readonly isOn?: boolean;
  readonly isOff?: boolean;
}

/** The keys of the stage, in the order of their list. Digits choose a question and are not among them. */
export function stageKeys(stage: StageState, screen: StageScreen): readonly StageKey[] {
  const { mode, turn } = stage;
  const samples = stage.talk.samples === 8 ? 'Eight' : `${stage.talk.samples} at once`;
  const step = (by: number) => () => stage.choose(stage.place + by);
  return [
    {
      ...{ key: 'Space', codes: [' '], label: turn.isBusy ? 'Stop' : 'Start' },
      ...{ about: 'Starts the answer, and stops it', press: () => stage.toggle() },
    },
    {
      ...{ key: '←', codes: ['ArrowLeft', 'ArrowUp', 'PageUp'], label: 'Back', press: step(-1) },
      ...{ about: 'The question before; 1 to 9 choose one', isOff: stage.place === 0 },
    },
    {
      ...{ key: '→', codes: ['ArrowRight', 'ArrowDown', 'PageDown'], label: 'Next', press: step(1) },
      ...{ about: 'The next question', isOff: stage.place === stage.talk.prompts.length - 1 },
    },
    {
      ...{ key: 'V', codes: ['v'], label: 'Voice', about: 'The next voice, alone' },
      ...{ press: () => stage.cycleVoice(), isOff: mode !== 'beside' && stage.talk.models.length < 2 },
    },
    {
      ...{ key: 'B', codes: ['b'], label: 'Beside base', about: 'The persona beside its base' },
      ...{ press: () => stage.toggleMode('beside'), isOn: mode === 'beside', isOff: !stage.canBeside },
    },
    {
      ...{ key: 'E', codes: ['e'], label: samples, about: 'Many answers of one voice at once' },
      ...{ press: () => stage.toggleMode('eight'), isOn: mode === 'eight' },
    },
    ...(stage.hasDial ? dialKeys(stage) : []),
    {
      ...{ key: 'R', codes: ['r'], label: 'Recording', about: 'Says the recording instead' },
      press: () => stage.replay(),
    },
    {
      ...{ key: 'T', codes: ['t'], label: 'Light or dark', about: 'Light or dark, for the projector' },
      press: screen.toggleTheme,
    },
    {
      ...{ key: 'F', codes: ['f'], label: 'Full screen', about: 'Full screen, and back' },
      press: screen.toggleFullScreen,
    },
    { ...{ key: '?', codes: ['?'], label: 'Keys', about: 'This list' }, press: screen.toggleHelp },
    { ...{ key: 'Esc', codes: ['Escape'], label: 'Leave', about: 'Leaves the stage' }, press: screen.leave },
  ];
}

/** With Shift a letter is a capital. */
function dialKeys(stage: StageState): readonly StageKey[] {
  return [
    {
      ...{ key: 'D', codes: ['d'], label: 'Dial up', about: 'More of the persona' },
      ...{ press: () => stage.turnDial(1), isOff: stage.dial >= highestDial },
    },
    {
      ...{ key: '⇧D', codes: ['D'], label: 'Dial down', about: 'Less of the persona, down to the base' },
      ...{ press: () => stage.turnDial(-1), isOff: stage.dial <= 0 },
    },
  ];
}

/** What a key press means on stage; null for what is the browser's. */
export function actionOf(
  event: KeyboardEvent,
  stage: StageState,
  keys: readonly StageKey[],
): (() => void) | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (/^[1-9]$/.test(event.key)) return () => stage.choose(Number(event.key) - 1);
  const name = nameOf(event);
  const found =
    keys.find(({ codes }) => codes.includes(name)) ??
    keys.find(({ codes }) => codes.includes(name.toLowerCase()));
  if (!found) return null;
  // A key that is held down repeats only where it goes step by step.
  const isMute = found.isOff || (event.repeat && !found.key.match(/[←→]/));
  return isMute ? () => undefined : found.press;
}

/** A letter is a capital with Shift alone: caps lock makes capitals too. */
function nameOf({ key, shiftKey }: KeyboardEvent): string {
  if (!/^[a-z]$/i.test(key)) return key;
  return shiftKey ? key.toUpperCase() : key.toLowerCase();
}
