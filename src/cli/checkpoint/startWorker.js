// A thread does not inherit the command line's loader for TypeScript, and must get it before worker.ts is read.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
