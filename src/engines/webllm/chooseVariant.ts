import { EngineError } from '../../core/errors.ts';
import type { WebLlmVariant } from '../../core/model.ts';

/** What a GPU offers, as far as a load depends on it. */
export interface AdapterFacts {
  /** For sentences, such as "apple metal-3". */
  readonly name: string;
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<keyof typeof requiredLimits | keyof typeof wantedLimits, number>>;
}

/** web-llm 0.2.86 asks for these, and fails without. */
const requiredLimits = { maxComputeWorkgroupStorageSize: 32 << 10, maxStorageBuffersPerShaderStage: 10 };
/** It asks for a gibibyte, and where that is refused for no more than the second figure. */
const wantedLimits = {
  maxBufferSize: { wanted: 1 << 30, fallback: 1 << 28 },
  maxStorageBufferBindingSize: { wanted: 1 << 30, fallback: 1 << 27 },
};

const instead = 'Choose the embedded model, which runs on the CPU, or a served model.';

/** Reads the GPU. Errors: {@link EngineError} where there is none. */
export async function readAdapter(gpu: GPU | undefined): Promise<AdapterFacts> {
  if (!gpu) {
    throw new EngineError(
      `This browser has no WebGPU, which a model of this size needs. Use a recent Chrome, Edge or Safari. ${instead}`,
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) {
    throw new EngineError(
      `This browser found no GPU that it may use: it is blocked, or its driver is too old. ${instead}`,
    );
  }
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unknown';
  return { name, features: new Set(adapter.features), limits: adapter.limits };
}

/** The first variant that the GPU can run. Errors: {@link EngineError} saying why none can. */
export function chooseVariant(
  name: string,
  variants: readonly WebLlmVariant[],
  adapter: AdapterFacts,
): WebLlmVariant {
  const faults = variants.map((variant) => faultOf(variant, adapter));
  const chosen = variants[faults.indexOf(null)];
  if (chosen) return chosen;
  throw new EngineError(`This GPU (${adapter.name}) cannot run ${name}: ${faults.join('; ')}. ${instead}`);
}

/** Why a variant cannot run, without a full stop; null when it can. */
export function faultOf(variant: WebLlmVariant, { features, limits }: AdapterFacts): string | null {
  const missing = variant.features.find((feature) => !features.has(feature));
  if (missing) return `${variant.quantisation} needs ${missing}, which it does not offer`;
  for (const [limit, needed] of Object.entries(requiredLimits)) {
    const offered = limits[limit as keyof typeof requiredLimits];
    if (offered < needed) return `web-llm needs ${limit} ${needed}, and it offers ${offered}`;
  }
  for (const [limit, { wanted, fallback }] of Object.entries(wantedLimits)) {
    const offered = limits[limit as keyof typeof wantedLimits];
    const granted = offered >= wanted ? wanted : Math.min(offered, fallback);
    if (granted < variant.bufferBytes) {
      return `${variant.quantisation} has a buffer of ${mebibytes(variant.bufferBytes)}, and it takes ${mebibytes(granted)} (${limit})`;
    }
  }
  return null;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / (1 << 20))} MiB`;
}
