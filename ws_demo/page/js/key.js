// Our secret: by it the server knows which messages are ours (rooms.h), and the stage whose vote it is (live.h). 128
// random bits, kept over a reload: until the tab is closed, or for this browser. No DOM.

function draw() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// A browser may forbid the storage; then the key lasts as long as the page.
function kept(storage, name) {
  try {
    const key = window[storage].getItem(name) ?? draw();
    window[storage].setItem(name, key);
    return key;
  } catch {
    return draw();
  }
}

export const clientKey = () => kept('sessionStorage', 'key');
export const voterKey = () => kept('localStorage', 'voter-key');
