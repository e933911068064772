// The page opens as a new chat (src/app/Opening.svelte). At another address only its frame shows, on stage nothing.
if (!/^#?\/?(chat\/?)?$/.test(location.hash)) {
  document.documentElement.dataset.opening = /^#\/stage\/./.test(location.hash) ? 'nothing' : 'frame';
}
