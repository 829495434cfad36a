// Our secret: by it the server knows which messages are ours (rooms.h). 128 random bits, kept over a reload, until the
// tab is closed. No DOM.

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
