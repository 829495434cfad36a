// The slow reader and the fast one, each in a Worker.

import { byId } from './dom.js';
import { size } from './format.js';
import { addClose, logOf } from './log.js';
import { write } from './text.js';

function showProgress(result, { event, messages, bytes, seconds, code }) {
  const values = { messages, size: size(bytes), seconds: seconds.toFixed(1), code };
  if (event === 'blocked') write(result, 'It has read {size} and blocks its thread now: 6 s …', values);
  else if (event !== 'close') write(result, '{size} in {seconds} s …', values);
  else if (code === 1000) write(result, '✓ All read: {size} in {seconds} s, close with {code}.', values);
  else if (code === 1013) write(result, '✗ No place: too many floods at once, from your address or from all. Try again in some seconds.');
  else write(result, '✗ Dropped: it had read {size} of the flood; close with {code} after {seconds} s.', values);
}

function start(button, result, block) {
  const addLine = logOf('flood');
  const worker = new Worker(new URL('slow-reader.js', import.meta.url));
  const end = () => {
    worker.terminate();
    button.disabled = false;
  };
  button.disabled = true;
  worker.onmessage = ({ data }) => {
    const { event, messages, bytes } = data;
    showProgress(result, data);
    if (event === 'close') {
      addClose(addLine, data);
      end();
    } else if (event === 'message' || event === 'blocked') {
      addLine('message', `${messages} messages, ${size(bytes)}`, { kind: 'flood' });
    } else {
      addLine(event, event === 'open' ? '/flood' : '');
    }
  };
  worker.onerror = () => {
    write(result, '✗ This browser does not start the Worker.');
    end();
  };
  worker.postMessage({ block });
}

export function startReaders() {
  byId('slow-start').addEventListener('click', () => start(byId('slow-start'), byId('slow-result'), true));
  byId('fast-start').addEventListener('click', () => start(byId('fast-start'), byId('fast-result'), false));
}
