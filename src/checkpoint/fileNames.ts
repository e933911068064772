/** What stands beside a checkpoint's shards, by web-llm's names. */
export const cacheName = 'tensor-cache.json';
/** The same content, for clients from before 2025. */
export const olderCacheName = 'ndarray-cache.json';
export const configName = 'mlc-chat-config.json';
/** Ours: what a conversion was made of and what it made. */
export const receiptName = 'receipt.json';
