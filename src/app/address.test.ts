import { describe, expect, it } from 'vitest';
import { type Address, formatAddress, parseAddress } from './address.ts';

describe('an address', () => {
  it.each<[string, Address]>([
    ['', { page: 'chat', id: null }],
    ['#', { page: 'chat', id: null }],
    ['#/', { page: 'chat', id: null }],
    ['#/chat/3f', { page: 'chat', id: '3f' }],
    ['#/run', { page: 'run', id: null }],
    ['#/results/a%2Fb', { page: 'results', id: 'a/b' }],
    ['#/results/x?prompt=1', { page: 'results', id: 'x' }],
    ['#/stage', { page: 'stage', id: null }],
    ['#/stage/talk-1', { page: 'stage', id: 'talk-1' }],
    ['#/models', { page: 'models' }],
    ['#/models/', { page: 'models' }],
  ])('reads %s', (hash, address) => expect(parseAddress(hash)).toEqual(address));

  it.each(['#/nowhere', '#/settings/x', '#/run/a/b', '#/%E0%A4%A'])('says that %s is unknown', (hash) => {
    expect(parseAddress(hash)).toEqual({ page: 'unknown', hash });
  });

  it('is read again as it was written', () => {
    const addresses: Address[] = [
      { page: 'chat', id: null },
      { page: 'run', id: 'a/b ?#%' },
      { page: 'settings' },
    ];
    for (const address of addresses) expect(parseAddress(formatAddress(address))).toEqual(address);
  });
});
