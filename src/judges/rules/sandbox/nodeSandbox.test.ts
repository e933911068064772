import { describe } from 'vitest';
import { describeSandbox } from '../../../core/testing/sandboxContract.ts';
import { nodeSandbox } from './nodeSandbox.ts';

describe('the sandbox of the command line', { timeout: 30_000 }, () => describeSandbox(nodeSandbox));
