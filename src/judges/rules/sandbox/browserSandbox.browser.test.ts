import { describe } from 'vitest';
import { describeSandbox } from '../../../core/testing/sandboxContract.ts';
import { browserSandbox } from './browserSandbox.ts';

describe('the sandbox of the page', () => describeSandbox(browserSandbox));
