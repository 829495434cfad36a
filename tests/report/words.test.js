// words.test.js - the page's words and figures. No browser.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { csvOf } from '../../scripts/report/js/csv.js';
import * as format from '../../scripts/report/js/format.js';
import { named, texts, titlesInChinese, words } from '../../scripts/report/js/words.js';
import { fixture, root } from './page.js';

const data = fixture();

test('both languages have the same texts, and none is empty', () => {
    assert.deepEqual(Object.keys(texts.en), Object.keys(texts.zh));
    for (const [key, text] of [...Object.entries(texts.en), ...Object.entries(texts.zh)]) assert.ok(text.trim(), key);
});

test('what is filled in is the same in both', () => {
    const places = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(texts.en)) assert.deepEqual(places(texts.zh[key]), places(texts.en[key]), key);
});

test('no module asks for a text that there is not', () => {
    const folder = `${root}scripts/report/js`;
    const others = ['exam.js', 'journey.js', 'sources.js']; // have words of their own
    const own = readdirSync(folder).filter((name) => name.endsWith('.js') && !others.includes(name));
    const asked = own.flatMap((name) => [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/\bwords\('([^']+)'/g)]
        .map(([, key]) => key));
    assert.ok(asked.length > 50);
    assert.deepEqual(asked.filter((key) => !Object.hasOwn(texts.en, key)), []);
});

test('a text is filled in, and what is not known keeps its name', () => {
    assert.equal(words('na.clients', { clients: 7 }), 'not measured at 7 clients');
    assert.equal(named('chart', 'throughput'), 'Throughput');
    assert.equal(named('chart', 'unheard-of'), 'unheard-of');
});

test('topics, charts and metrics of the data have words in both languages', () => {
    for (const { topic } of data.comparison) assert.ok(texts.zh[`topic.${topic}`], topic);
    for (const { name } of data.charts) assert.ok(texts.zh[`chart.${name.replace(/-(echo|ws)$/, '')}`], name);
    for (const { metric } of data.metrics) assert.ok(texts.zh[`metric.${metric}`], metric);
});

test('each kind of bad neighbour and of pressure has a Chinese title', () => {
    const sql = readFileSync(`${root}scripts/sql/workloads.sql`, 'utf8');
    const titles = [...sql.matchAll(/\([4-7]\d, '\w+',\s+'([^']+)'/g)].map(([, title]) => title);
    assert.ok(titles.length > 20);
    assert.deepEqual(titles.filter((title) => !titlesInChinese[title]), []);
});

test('figures have three digits and a unit, and null stays null', () => {
    assert.deepEqual([0, 9.876, 999, 1234.5, 106102, 2.5e6].map(format.duration),
        ['0 µs', '9.88 µs', '999 µs', '1.23 ms', '106 ms', '2.50 s']);
    assert.deepEqual([0, 176, 12815, 5 * 2 ** 20].map(format.bytes), ['0 B', '176 B', '12.5 KiB', '5.00 MiB']);
    assert.deepEqual([0, 1234567, 2.0371, 0.0356, 0.00271, 1e-6].map(format.figure),
        ['0', '1,234,567', '2.04', '0.0356', '0.0027', '< 0.0001']);
    assert.deepEqual([12.34, -3.2, 0].map(format.percent), ['+12%', '-3.2%', '0.0%']);
    for (const one of [format.count, format.duration, format.bytes, format.figure, format.percent]) {
        for (const nothing of [null, undefined, NaN]) assert.equal(one(nothing), null);
    }
});

test('a CSV field is quoted where it must be, and what is null is empty', () => {
    assert.equal(csvOf([['a', 'echo', 'nio', 1, 'p99 us, from "due"', 2.5, null, null]]),
        'chart,protocol,model,clients,figure,value,least,greatest\r\na,echo,nio,1,"p99 us, from ""due""",2.5,,\r\n');
});
