// Our secret, by which the server knows what is ours (rooms.h): 128 random bits. It outlives a reload, not the tab. No DOM.

const NAME = 'key';

function draw() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// A browser may forbid the storage; then the key lasts as long as the page.
export function clientKey() {
  try {
    const key = sessionStorage.getItem(NAME) ?? draw();
    sessionStorage.setItem(NAME, key);
    return key;
  } catch {
    return draw();
  }
}
