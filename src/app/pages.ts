import type { Component } from 'svelte';
import type { Address } from './address.ts';
import ChatRoute from './routes/ChatRoute.svelte';

/** Each page but the first is a chunk of its own; asked for again, it is the one that has come. */
export const pages: Record<Address['page'], () => Promise<{ default: Component }>> = {
  chat: async () => ({ default: ChatRoute }),
  preflight: () => import('./routes/PreflightRoute.svelte'),
  stage: () => import('./routes/StageRoute.svelte'),
  run: () => import('./routes/RunRoute.svelte'),
  results: () => import('./routes/ResultsRoute.svelte'),
  models: () => import('./routes/ModelsRoute.svelte'),
  settings: () => import('./routes/SettingsRoute.svelte'),
  gallery: () => import('./gallery/Gallery.svelte'),
  unknown: () => import('./routes/UnknownRoute.svelte'),
};
