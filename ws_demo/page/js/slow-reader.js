// Worker: reads /flood. When it is told to block, it takes a little and then keeps its thread busy: it does not read,
// and the buffers between it and the server fill up. It has its own thread, so that the page goes on.

const MESSAGES_BEFORE = 20;
const BLOCK_MS = 6000;
const REPORT_MS = 250;

function read(block) {
  const socket = new WebSocket(new URL('../flood', location.href).href.replace('http', 'ws'));
  const started = performance.now();
  let reported = started;
  let messages = 0;
  let bytes = 0;
  const report = (event, more = {}) => {
    reported = performance.now();
    postMessage({ event, messages, bytes, seconds: (reported - started) / 1000, ...more });
  };
  socket.onopen = () => report('open');
  socket.onmessage = ({ data }) => {
    messages++;
    bytes += data.length; // the flood is of ASCII
    if (block && messages === MESSAGES_BEFORE) {
      report('blocked');
      const end = performance.now() + BLOCK_MS;
      while (performance.now() < end);
    }
    if (performance.now() - reported > REPORT_MS) report('message');
  };
  socket.onerror = () => report('error');
  socket.onclose = ({ code, reason, wasClean }) => report('close', { code, reason, wasClean });
}

onmessage = ({ data }) => read(data.block);
