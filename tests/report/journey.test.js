// The report's time-line and exam, as far as they need no browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as exam from '../../scripts/report/js/exam.js';
import * as journey from '../../scripts/report/js/journey.js';

const row = (lane, start_us, end_us, state, call, text = '', model = 'nio') =>
  ({ model, lane, start_us, end_us, state, call, text });

const rows = [
  row('main', 0, 900, 'waiting', 'epoll_wait', 'epoll_wait(4) = 1'),
  row('main', 900, 950, 'running', ''),
  row('main', 950, 1000, 'moving', 'recvfrom', 'recvfrom(7) = 64 [client A]'),
  row('client A', 0, 5000, 'open', 'connect', 'connected'),
  row('client A', 950, 1100, 'asking', 'send', 'message 1 of 2: sent'),
  row('client A', 3000, 3300, 'asking', 'send', 'message 2 of 2: sent'),
  row('client B', 2000, 2500, 'asking', 'send', 'message 1 of 2: sent'),
];

test('models and lanes keep their order, and clients come first', () => {
  assert.deepEqual(journey.modelsOf([...rows, row('main', 0, 1, 'running', '', '', 'bio')]), ['nio', 'bio']);
  assert.deepEqual(journey.lanesOf(rows), ['client A', 'client B', 'main']);
});

test('steps are the calls in the order of start; what begins together stays in the order of the lanes', () => {
  assert.deepEqual(journey.stepsOf(rows).map(({ lane, start_us }) => [lane, start_us]), [
    ['main', 0], ['client A', 950], ['main', 950], ['client B', 2000], ['client A', 3000]]);
  assert.equal(rows[0].lane, 'main', 'the rows themselves are left as they are');
});

test('a step stays between the first and the last', () => {
  assert.equal(journey.stepped(0, -1, 5), 0);
  assert.equal(journey.stepped(0, 1, 5), 1);
  assert.equal(journey.stepped(4, 1, 5), 4);
});

test('a moment belongs to the step that has begun last', () => {
  const steps = journey.stepsOf(rows);
  assert.equal(journey.stepAt(steps, -1), 0);
  assert.equal(journey.stepAt(steps, 949), 0);
  assert.equal(journey.stepAt(steps, 950), 2);
  assert.equal(journey.stepAt(steps, 1e9), 4);
});

test('the scale is linear from 0 to the width', () => {
  const x = journey.scaleOf(journey.endOf(rows), 1000);
  assert.deepEqual([0, 2500, 5000].map(x), [0, 500, 1000]);
  assert.equal(journey.scaleOf(0, 1000)(0), 0);
});

test('ticks are round, begin at 0 and do not pass the end', () => {
  assert.deepEqual(journey.ticksOf(95000, 5), [0, 20000, 40000, 60000, 80000]);
  assert.deepEqual(journey.ticksOf(1000, 10).length, 11);
  for (const end of [1, 999, 12345, 1e7]) {
    const ticks = journey.ticksOf(end, 8);
    assert.ok(ticks.length >= 3 && ticks.length <= 9 && ticks[0] === 0 && ticks.at(-1) <= end, `${end}: ${ticks}`);
  }
});

test('the longest wait of each client', () => {
  assert.deepEqual(journey.longestAsks(rows), [{ lane: 'client A', us: 300 }, { lane: 'client B', us: 500 }]);
});

test('a block is labelled with its call and its client', () => {
  assert.equal(journey.labelOf(rows[0]), 'epoll_wait');
  assert.equal(journey.labelOf(rows[2]), 'recvfrom A');
});

test('the exam counts what was answered, and tells what could not be asked', () => {
  const given = [1, 2, 3, 4, 5].flatMap((question) => [
    { model: 'bio', question, answered: 1, evidence: '' },
    { model: 'nio', question: String(question), answered: question === 1 ? '1' : '0', evidence: '' },
    { model: 'aio', question, answered: '', evidence: 'n/a: io_uring is refused here' }]);
  assert.deepEqual(exam.examModels(given), ['bio', 'nio', 'aio']);
  assert.deepEqual(exam.examModels(given).map((model) => exam.scoreOf(given, model)), [5, 1, null]);
  assert.equal(exam.answerOf(exam.rowOf(given, 'nio', 2)), false);
  assert.equal(exam.answerOf(exam.rowOf(given, 'epoll', 2)), null);
});

test('both languages have the same texts', () => {
  for (const { en, zh } of [journey.journeyWords, exam.examWords]) {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    for (const key of Object.keys(en)) {
      const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(places(zh[key]), places(en[key]), key);
    }
  }
});
