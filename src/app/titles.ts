import type { Address } from './address.ts';

/** What the menu and the tab call a page. */
export const titles: Readonly<Record<Address['page'], string>> = {
  chat: 'Chat',
  stage: 'Stage',
  preflight: 'Before the talk',
  run: 'Run',
  results: 'Results',
  models: 'Models',
  settings: 'Settings',
  gallery: 'Gallery',
  unknown: 'Not found',
};
