// node's ws against one server. usage: NODE_PATH=/usr/share/nodejs node client.js URL CHECK...
// One JSON line per check on stdout: {"check": "...", "result": "ok" or what was wrong}.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const { once } = require('node:events');
const WebSocket = require('ws');

const SIZES = [0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024];

const [url, ...wanted] = process.argv.slice(2);

function report(check, result) {
  process.stdout.write(JSON.stringify({ check, result }) + '\n');
}

async function open() {
  const socket = new WebSocket(url, { maxPayload: 64 * 1024 * 1024 });
  await once(socket, 'open');
  return socket;
}

async function attempt(check, conversation) {
  try {
    const socket = await open();
    await conversation(socket);
    socket.terminate();
    report(check, 'ok');
  } catch (error) {
    report(check, String(error));
  }
}

async function expectEcho(socket, message) {
  const answer = once(socket, 'message');
  socket.send(message);
  const [data, isBinary] = await answer;
  assert.strictEqual(isBinary, typeof message !== 'string');
  assert.ok(Buffer.from(message).equals(data), 'other bytes came back');
}

// Errors on the way down (a broken pipe while still sending) matter less than the code that was heard.
async function expectClose(socket, code) {
  socket.on('error', () => {});
  const [heard] = await once(socket, 'close');
  assert.strictEqual(heard, code);
}

const checks = {
  async sizes() {
    for (const size of SIZES) {
      await attempt(`binary of ${size}`, (socket) => expectEcho(socket, crypto.randomBytes(size)));
      await attempt(`text of ${size}`, (socket) => expectEcho(socket, 'x'.repeat(size)));
    }
  },

  async fragments() {
    await attempt('fragments', async (socket) => {
      const answer = once(socket, 'message');
      socket.send('in ', { fin: false });
      socket.ping();
      socket.send('three ', { fin: false });
      socket.send('pieces');
      const [data] = await answer;
      assert.strictEqual(data.toString(), 'in three pieces');
    });
  },

  async ping() {
    await attempt('ping', async (socket) => {
      const answer = once(socket, 'pong');
      socket.ping(Buffer.alloc(125, 'p'));
      const [data] = await answer;
      assert.ok(data.equals(Buffer.alloc(125, 'p')));
    });
  },

  async close() {
    for (const [code, reason] of [[1000, ''], [3000, 'done'], [4999, 'ü'.repeat(61)]]) {
      await attempt(`close ${code}`, async (socket) => {
        socket.close(code, reason);
        await expectClose(socket, code);
      });
    }
  },

  async violations() {
    await attempt('too big: 1009', async (socket) => {
      socket.send(Buffer.alloc(1024 * 1024));
      await expectClose(socket, 1009);
    });
    await attempt('not UTF-8: 1007', async (socket) => {
      socket.send(Buffer.from([0x63, 0x61, 0x66, 0xe9]), { binary: false });
      await expectClose(socket, 1007);
    });
  },

  async shutdown() {
    await attempt('shutdown: 1001', async (socket) => {
      report('open', 'ok');
      await expectClose(socket, 1001);
    });
  },
};

async function main() {
  for (const check of wanted)
    await checks[check]();
}

main();
