#!/usr/bin/env node
// The command line is TypeScript as it stands in the repository; tsx reads it without a build.
import { register } from 'tsx/esm/api';

register();
await import('../src/cli/main.ts');
