import { type Address, formatAddress, parseAddress } from './address.ts';

/** The address in view. Follows links, back and forward. */
export class Router {
  #address = $state.raw<Address>(parseAddress(location.hash));
  #query = $state.raw(queryOf(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.#address = parseAddress(location.hash);
      this.#query = queryOf(location.hash);
    });
  }

  get address(): Address {
    return this.#address;
  }

  /** What stands behind the `?`; each page knows its own. */
  get query(): URLSearchParams {
    return this.#query;
  }

  /** `replace` leaves no trace in the history: for an address that only spells out where one is already. */
  go(address: Address, options: { readonly replace?: boolean } = {}): void {
    const href = formatAddress(address);
    if (options.replace) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    this.#address = address;
    this.#query = queryOf(href);
  }
}

function queryOf(hash: string): URLSearchParams {
  return new URLSearchParams(hash.split('?')[1] ?? '');
}
