/** By then the browser has begun to read the file, also a large one. */
const keepUrlMs = 60_000;

/** Hands a file to the user's downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun with the click, but Safari reads the address a moment later.
  setTimeout(() => URL.revokeObjectURL(url), keepUrlMs);
}
