const number = new Intl.NumberFormat('en-GB');

/** As "1,600". */
export function formatNumber(value: number): string {
  return number.format(value);
}

/** As "1,600 answers" or "1 answer". */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}
