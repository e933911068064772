import { type InjectionSet, injectionSetSchema } from '../core/injections.ts';
import set from './injections.json' with { type: 'json' };

/** The fixed set of attempts by which judges are tried. */
export const injections: InjectionSet = injectionSetSchema.parse(set);
