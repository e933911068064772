import { env } from '@huggingface/transformers';
import asyncifyModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import plainModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import plainWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/**
 * Points transformers.js at this site's own copy of ONNX Runtime. The plain build is half as large and loads
 * faster; only WebGPU needs the other one. The choice holds for the life of the worker.
 */
export function useOwnRuntime(device: 'wasm' | 'webgpu', threads: number): void {
  const paths =
    device === 'webgpu' ? { mjs: asyncifyModule, wasm: asyncifyWasm } : { mjs: plainModule, wasm: plainWasm };
  const { wasm } = env.backends.onnx;
  if (!wasm) throw new Error('transformers.js came without its WebAssembly backend.');
  wasm.wasmPaths = { mjs: absolute(paths.mjs), wasm: absolute(paths.wasm) };
  wasm.numThreads = threads;
  // Its copies would be blob: modules, which a strict Content-Security-Policy refuses.
  env.useWasmCache = false;
}

function absolute(url: string): string {
  return new URL(url, import.meta.url).href;
}

/**
 * Lets transformers.js read files that were fetched and checked before, and nothing else. Returns a function
 * that forgets them: the runtime has its own copy once the model is open.
 */
export function useFetchedFiles(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): () => void {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = '/';
  env.useBrowserCache = false;
  const kept = new Map(files);
  env.fetch = (async (input: string | URL) => {
    const address = String(input);
    const path = [...kept.keys()].find((name) => address.endsWith(`/${name}`));
    const bytes = path === undefined ? undefined : kept.get(path);
    return bytes ? new Response(bytes) : new Response(null, { status: 404 });
  }) as typeof fetch;
  return () => kept.clear();
}
