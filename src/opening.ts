import { render } from 'svelte/server';
import Opening from './app/Opening.svelte';
import { postPromptsIn } from './app/state/suitesState.svelte.ts';
import { postQuestionIds, rubrics, suites } from './suites/index.ts';

/** The page before its first script has come, as HTML. tools/openingPlugin.ts writes it into index.html. */
export function drawOpening(): string {
  const questions = postPromptsIn({ suites, rubrics, postQuestionIds }).map(({ text }) => text);
  const { body } = render(Opening, { props: { questions } });
  // They are of use only to a page that goes on from this one; ours begins anew in its place.
  return body.replaceAll(/<!--.*?-->/g, '');
}
