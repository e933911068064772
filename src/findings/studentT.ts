/**
 * The t with P(|T| < t) = level for Student's T with `df` degrees of freedom, a whole number of 1 or more.
 * By halving on the finite series for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and
 * 26.7.4). Errors: RangeError.
 */
export function studentCritical(level: number, df: number): number {
  if (!Number.isInteger(df) || df < 1) throw new RangeError(`${df} is no number of degrees of freedom.`);
  if (!(level > 0 && level < 1)) throw new RangeError(`${level} is no confidence level.`);
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    // Halved down to neighbouring numbers: no better angle exists.
    if (middle <= low || middle >= high) return Math.sqrt(df) * Math.tan(middle);
    if (probabilityWithin(middle, df) < level) low = middle;
    else high = middle;
  }
}

/** P(T < t) for a whole number of degrees of freedom. */
export function studentBelow(t: number, df: number): number {
  return (1 + Math.sign(t) * probabilityWithin(Math.atan(Math.abs(t) / Math.sqrt(df)), df)) / 2;
}

/** P(|T| < t), where `angle` is atan(t / sqrt(df)). */
function probabilityWithin(angle: number, df: number): number {
  const odd = df % 2 === 1;
  const cosine = Math.cos(angle);
  let term = odd ? cosine : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= df - 2; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
