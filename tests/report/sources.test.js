// sources.test.js - what the page says about two columns of code.
//
//     node --test tests/report/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differingLines, lineOfCall, perMessage, sourcesWords } from '../../scripts/report/js/sources.js';

// The lines of `right` that are not in `left`.
function differing(left, right) {
  const differs = differingLines(left, right);
  return right.filter((_, place) => differs[place]);
}

test('the same text differs nowhere', () => {
  assert.deepEqual(differing(['a', 'b', 'c'], ['a', 'b', 'c']), []);
});

test('how a line is indented, and blank lines, do not matter', () => {
  assert.deepEqual(differing(['if (x)', '    f(a,  b);'], ['', '  if (x)', '\tf(a, b);', '']), []);
});

test('only what is new differs, wherever it stands', () => {
  assert.deepEqual(differing(['a', 'b', 'c'], ['new', 'a', 'b', 'newer', 'c', 'last']), ['new', 'newer', 'last']);
});

test('what is gone makes nothing differ', () => {
  assert.deepEqual(differing(['a', 'b', 'c'], ['a', 'c']), []);
});

test('a line that moved is new in its place', () => {
  assert.deepEqual(differing(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c']), ['d']);
});

test('as often as it is there: a line twice is once too often', () => {
  assert.equal(differing(['}', 'x'], ['}', '}', 'x']).length, 1);
});

test('against nothing all lines differ, but blank ones', () => {
  assert.deepEqual(differing([], ['a', '', 'b']), ['a', 'b']);
  assert.deepEqual(differing(['a'], []), []);
});

test('never more in common than a longest common subsequence, checked against all of them', () => {
  const letters = [...'abcab'];
  const subsequences = ([first, ...others]) => (first === undefined ? ['']
    : subsequences(others).flatMap((rest) => [rest, first + rest]));
  for (const other of ['cabba', 'bbbb', 'acacac', 'bca', 'abcab']) {
    const common = subsequences([...other]).filter((one) => subsequences(letters).includes(one));
    const longest = Math.max(...common.map((one) => one.length));
    assert.equal(differing(letters, [...other]).length, other.length - longest, other);
  }
});

test('figures per message are short', () => {
  const values = [1.0053, 0.3, 0.0356, 0.00271, 0.00001];
  assert.deepEqual(values.map(perMessage), ['1.01', '0.30', '0.036', '0.0027', '< 0.0001']);
});

test('a call is looked up where it waits and messages pass', () => {
  const line = (n, calls, ...tags) => ({ n, text: '', tags, calls });
  const row = (name, ...lines) => ({ name, cells: { bio: [{ name, lines }] } });
  const sources = { rows: [row('conn_linger', line(1, ['recvfrom'], 'WAIT')), row('conn_recv', line(2, [], 'WAIT'),
    line(3, ['recvfrom'])), row('model_block', line(4, ['futex']), line(5, ['futex'], 'WAIT'))] };
  assert.equal(lineOfCall(sources, 'bio', 'recvfrom').n, 3);
  assert.equal(lineOfCall(sources, 'bio', 'futex').n, 5);
  assert.equal(lineOfCall(sources, 'bio', 'epoll_wait'), null);
  assert.equal(lineOfCall(sources, 'nio', 'recvfrom'), null);
});

test('both languages have the same words', () => {
  assert.deepEqual(Object.keys(sourcesWords.zh), Object.keys(sourcesWords.en));
});
