// WebSocket frames, RFC 6455 section 5.2: makes them, takes them apart, and draws them bit by bit.
//   { bytes: header without mask key, key: 4 bytes, 'unknown' or null, payload: bytes, missing: bytes still to come,
//     deflated: bytes on the wire that the payload was inflated from (RFC 7692); undefined: it is not compressed }

import { make } from './dom.js';
import { hex, number, textOf } from './format.js';

export const OPCODE_TEXT = 1;
export const OPCODE_CLOSE = 8;
const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };
const PAYLOAD_SHOWN = 40;
const HEX_SHOWN = 8;

export function headerBytes(opcode, length, isMasked, isCompressed = false) {
  // 0x80 is FIN: the message is one frame, without fragments. 0x40 is RSV1: it is compressed.
  const first = 0x80 | (isCompressed ? 0x40 : 0) | opcode;
  const mask = isMasked ? 0x80 : 0;
  if (length < 126) return Uint8Array.of(first, mask | length);
  const header = new DataView(new ArrayBuffer(length < 65536 ? 4 : 10));
  header.setUint8(0, first);
  header.setUint8(1, mask | (length < 65536 ? 126 : 127));
  if (length < 65536) header.setUint16(2, length);
  else header.setBigUint64(2, BigInt(length));
  return new Uint8Array(header.buffer);
}

// How many bytes of payload a frame of `size` bytes has.
export function payloadLength(size, isMasked) {
  const withoutMask = size - (isMasked ? 4 : 0);
  return [2, 4, 10].map((header) => withoutMask - header).find((length) => headerBytes(0, length, false).length + length === withoutMask);
}

// The frame at the front of some bytes, and what follows it. null if the header is not complete.
function takeFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const headerLength = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const keyLength = bytes[1] & 0x80 ? 4 : 0;
  const start = headerLength + keyLength;
  if (bytes.length < start) return null;
  const extended = bytes.subarray(2, headerLength).reduce((value, byte) => value * 256 + byte, 0);
  const length = headerLength > 2 ? extended : short;
  const payload = bytes.subarray(start, start + length);
  const frame = {
    bytes: bytes.subarray(0, headerLength),
    key: keyLength ? bytes.subarray(headerLength, start) : null,
    payload,
    missing: length - payload.length,
  };
  return { frame, rest: bytes.subarray(start + payload.length) };
}

// Frames one after the other, at most `most`; `rest` is the bytes at the end that are no complete header.
export function takeFrames(bytes, most) {
  const frames = [];
  let rest = bytes;
  let taken = takeFrame(rest);
  while (taken && frames.length < most) {
    frames.push(taken.frame);
    rest = taken.rest;
    taken = takeFrame(rest);
  }
  return { frames, rest };
}

export const opcodeName = (frame) => OPCODES[frame.bytes[0] & 0x0f] ?? 'reserved';

function field(name, value, label) {
  const element = make('span', 'field', make('span', 'value', value), make('span', 'label', label));
  element.dataset.field = name;
  return element;
}

function group(caption, ...fields) {
  return make('span', 'octet', make('span', 'caption', caption), make('span', 'fields', ...fields));
}

function payloadGroup({ bytes, payload, missing, deflated }) {
  if (payload.length + missing === 0) return [];
  const isCut = payload.length > PAYLOAD_SHOWN; // perhaps in the middle of a character
  const isClose = (bytes[0] & 0x0f) === OPCODE_CLOSE && payload.length >= 2;
  const shown = textOf(payload.subarray(isClose ? 2 : 0, PAYLOAD_SHOWN));
  const text = isCut ? `${shown.replace(/\ufffd+$/, '')}…` : shown;
  const begin = deflated === undefined ? hex(payload.subarray(0, HEX_SHOWN)) + (payload.length > HEX_SHOWN ? ' …' : '') : '?? ?? …';
  const value = `${isClose ? `${payload[0] * 256 + payload[1]} ` : ''}${text}`;
  const more = deflated === undefined ? missing > 0 && `, ${number(missing)} missing`
    : `, inflated from ${number(deflated)} to ${number(payload.length)} bytes`;
  const label = `payload${more || ''}`;
  return [group(begin, field('payload', value, label))];
}

export function drawFrame(frame) {
  const [first, second] = frame.bytes;
  const bits = (byte, from, count) => byte.toString(2).padStart(8, '0').slice(from, from + count);
  const extended = frame.bytes.subarray(2);
  const groups = [
    group(hex([first]), field('fin', bits(first, 0, 1), 'FIN'), field('rsv', bits(first, 1, 3), 'RSV1–3'),
      field('opcode', bits(first, 4, 4), `opcode ${first & 0x0f} ${opcodeName(frame)}`)),
    group(hex([second]), field('mask', bits(second, 0, 1), 'MASK'),
      field('length', bits(second, 1, 7), `length ${second & 0x7f}`)),
  ];
  if (extended.length > 0) {
    const length = frame.deflated ?? frame.payload.length + frame.missing;
    const value = extended.length === 2 ? [...extended].map((byte) => bits(byte, 0, 8)).join(' ') : number(length);
    groups.push(group(hex(extended), field('length', value, `extended length ${number(length)}`)));
  }
  if (frame.key) {
    const known = frame.key !== 'unknown';
    groups.push(group(known ? hex(frame.key) : '?? ?? ?? ??', field('key', known ? hex(frame.key) : '? ? ? ?', 'mask key')));
  }
  return make('div', 'drawn', ...groups, ...payloadGroup(frame));
}
